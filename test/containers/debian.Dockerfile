# A host with systemd, ExaBGP and Node, for the tests of the Debian package. Node comes from elsewhere, so a stand-in says
# it is there.
ARG BASE=debian:bookworm-slim
ARG NODE=node:20-bookworm-slim
FROM ${NODE} AS node
FROM ${BASE}
RUN apt-get update \
 && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends exabgp systemd \
 && rm -rf /var/lib/apt/lists/*
RUN mkdir -p /tmp/node/DEBIAN \
 && printf 'Package: nodejs\nVersion: 20.19.0\nArchitecture: all\nMaintainer: test <test@localhost>\nDescription: stand-in\n' \
    >/tmp/node/DEBIAN/control \
 && dpkg-deb --build /tmp/node /tmp/node.deb \
 && dpkg --install /tmp/node.deb \
 && rm -r /tmp/node /tmp/node.deb
COPY --from=node /usr/local/bin/node /usr/bin/node
