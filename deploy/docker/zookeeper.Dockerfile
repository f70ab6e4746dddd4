# Debian's ZooKeeper, for trying things out where no registry is reachable. It is told its place as the official image is:
# ZOO_MY_ID=1 ZOO_SERVERS="server.1=zk1:2888:3888;2181 server.2=..."; without them it is a single server.
ARG BASE=debian:bookworm-slim
FROM ${BASE}
# The jars alone: the packages around them would bring a servlet engine and a desktop along.
RUN mkdir -p /usr/share/man/man1 \
 && apt-get update \
 && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends default-jre-headless \
 && useradd --system --home-dir / --no-create-home --shell /usr/sbin/nologin zookeeper \
 && cd /tmp \
 && apt-get download libdropwizard-metrics-java libnetty-java libslf4j-java libsnappy-java libzookeeper-java \
 && for package in *.deb; do dpkg --extract "$package" / || exit 1; done \
 && rm -rf *.deb /var/lib/apt/lists/* /var/cache/apt/*.bin /usr/share/man /usr/share/doc/*/examples
COPY deploy/docker/run-zookeeper /usr/local/bin/
USER zookeeper
EXPOSE 2181
ENTRYPOINT ["/usr/local/bin/run-zookeeper"]
