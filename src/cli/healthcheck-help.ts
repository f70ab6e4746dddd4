/** What `vipkeeper healthcheck --help` prints. */
export const healthcheckHelp = `usage: vipkeeper healthcheck [options]

vipkeeper behind the command line of ExaBGP's healthcheck (4.2.21, and main): in exabgp.conf only the program changes.

  -h, --help                        show this and exit
  -F, --config FILE                 key = value lines, each a long option; the command line wins
  -n, --name NAME                   the service's name
  -p, --pid FILE                    write the process id there
  -a, --no-ack                      ExaBGP does not answer (3.4, or exabgp.api.ack=false)
  --user USER, --group GROUP        become them after the addresses are set
logging:
  -s, --silent                      nothing to stderr
  -sF, --syslog-facility [FACILITY] to syslog with FACILITY (daemon)
  --no-syslog                       not to syslog
  -d, --debug                       everything, and not to syslog
checks:
  -c, --command CMD                 exit code 0 is healthy; none: always healthy
  -i, --interval N                  seconds between checks (5); 0: end after the first announcement
  -f, --fast-interval N             seconds between checks while a change is about to occur (1)
  -t, --timeout N                   seconds until a check has failed (5)
  --rise N, --fall N                passes to be up, failures to be down (3)
  --disable FILE                    while it exists, the service is disabled
routes:
  --ip IP                           VIP or network, repeated for each; none: the addresses on lo
  -N, --next-hop IP                 instead of self
  --neighbor IP                     only to these neighbors, repeated for each
  --up-metric, --down-metric, --disabled-metric M    MED of the first VIP by state (100, 1000, 500)
  --increase M, --start-ip N        added for each further VIP (1); the first VIP's place in the list (0)
  --withdraw-on-down                withdraw when down or disabled
  --local-preference P, --path-id ID
  --community, --extended-community, --large-community, --disabled-community LIST
  --as-path, --up-as-path, --down-as-path, --disabled-as-path PATH
  --deaggregate-networks            announce each address of a network
  --debounce                        announce changes only, not at every interval
addresses:
  --no-ip-setup, --dynamic-ip-setup, --label NAME, --label-exact-match, --ip-ifname IP%IF, --sudo
hooks, with STATE in their environment:
  --execute, --up-execute, --down-execute, --disabled-execute CMD

What each option becomes, and what differs: docs/healthcheck.md.
`;
