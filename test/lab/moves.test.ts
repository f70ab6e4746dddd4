import { moves } from '../../deploy/lab/faults/catalogue.ts';
import { describeLab } from './suite.ts';

describeLab('three LBs whose VIPs are moved on purpose', moves);
