import { standbyFaults } from '../../deploy/lab/faults/standby-faults.ts';
import { describeLab } from './suite.ts';

describeLab('three LBs in hot standby', standbyFaults);
