# BIRD 2 of Debian: the router of the demo.
ARG BASE=debian:bookworm-slim
FROM ${BASE}
RUN apt-get update \
 && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends bird2 iproute2 \
 && rm -rf /var/lib/apt/lists/* /var/cache/apt/*.bin /usr/share/man /usr/share/doc/*/examples
RUN mkdir -p /run/bird
ENTRYPOINT ["/usr/sbin/bird", "-f"]
