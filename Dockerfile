# plyr.fm: pages, jobs, transcoder and database in one container. docs/deployment.md says how it is run.
#
# Both stages are Debian, and node comes from package-lock.json: the one that tests and development run,
# held to its hash there, with nothing to keep in step. npm comes through Debian's, which is too old itself.

FROM debian:12.15-slim AS build
WORKDIR /app
RUN apt-get update && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends ca-certificates npm
RUN npm install --global npm@10.9.9
COPY package.json package-lock.json .npmrc ./
COPY transcoder/package.json transcoder/
# node first, held to its hash: under Debian's own one npm leaves out what asks for a newer one
RUN npm ci --ignore-scripts --omit=dev && cp node_modules/node-linux-*/bin/node /usr/local/bin/
RUN npm ci --ignore-scripts
COPY . .
RUN node node_modules/vite/bin/vite.js build
# what runs needs neither the tools of this stage nor a second node
RUN npm prune --omit=dev --ignore-scripts && rm -rf node_modules/node-linux-* node_modules/.cache
# links inside PostgreSQL, which its package would make while it is installed
RUN node -e "import('#lib/server/db/embedded-binaries.ts').then((m) => console.log(m.findPostgresFiles('/tmp/postgres', {})))"

FROM debian:12.15-slim
RUN apt-get update \
	&& DEBIAN_FRONTEND=noninteractive apt-get upgrade -y \
	&& DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends ca-certificates ffmpeg \
	&& rm -rf /var/lib/apt/lists/* /var/cache/apt/archives/*.deb
RUN groupadd --gid 10001 plyr \
	&& useradd --uid 10001 --gid plyr --home-dir /data --no-create-home --shell /usr/sbin/nologin plyr \
	&& install -d -o plyr -g plyr -m 0700 /data /backup \
	&& install -d -o plyr -g plyr -m 0755 /app/cache
WORKDIR /app
COPY --from=build /usr/local/bin/node /usr/local/bin/node
COPY --from=build /app/package.json ./
COPY --from=build /app/node_modules node_modules
COPY --from=build /app/transcoder transcoder
COPY --from=build /app/migrations migrations
COPY --from=build /app/src src
COPY --from=build /app/build build
COPY --from=build /app/deploy deploy
RUN ln -s /app/deploy/plyr /usr/local/bin/plyr
ENV PATH=/usr/local/bin:/usr/bin:/bin \
	DATA_DIR=/data \
	HOST=0.0.0.0 \
	PORT=3000 \
	NODE_COMPILE_CACHE=/app/cache
USER plyr
RUN deploy/warm-up
VOLUME /data
EXPOSE 3000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s --retries=3 CMD ["/app/deploy/healthcheck"]
ENTRYPOINT ["/app/deploy/entrypoint"]
