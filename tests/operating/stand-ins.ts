/**
 * What process 1 would do: systemd is that or nothing, and here something else is. It does what the unit
 * of the page says, as far as a unit of ours says it: whose it is, with what around it, and when it has
 * started. What the unit forbids the site is not tried.
 */
export const SYSTEMCTL = `#!/bin/sh
unit=/etc/systemd/system/plyr.service
of() { sed -n "s/^$1=//p" "$unit" | tail -n 1; }
as_unit() { setpriv --reuid "$(of User)" --regid "$(of Group)" --init-groups "$@"; }
stop() {
	[ -e /run/plyr.pid ] || return 0
	kill -TERM "$(cat /run/plyr.pid)" 2>/dev/null
	while kill -0 "$(cat /run/plyr.pid)" 2>/dev/null; do sleep 0.1; done
	rm /run/plyr.pid
}
start() {
	[ ! -e /run/plyr.pid ] || return 0
	cd "$(of WorkingDirectory)" || exit 1
	set -- $(sed -n 's/^Environment=//p' "$unit") $(grep -v '^#' "$(of EnvironmentFile)")
	command="$(of ExecStart)"
	setsid setpriv --reuid "$(of User)" --regid "$(of Group)" --init-groups \\
		env -i "$@" "$command" >>/var/log/plyr 2>&1 </dev/null &
	echo $! >/run/plyr.pid
	ready=$(of ExecStartPost)
	ready=\${ready#"/bin/sh -c '"}
	as_unit env -i "$@" timeout 120 /bin/sh -c "\${ready%"'"}" || { tail -n 20 /var/log/plyr >&2 && exit 1; }
}
case "$*" in
daemon-reload) ;;
"start plyr" | "enable --now plyr") start ;;
"stop plyr") stop ;;
"restart plyr") stop && start ;;
*) echo "systemctl $* is not known here" >&2 && exit 1 ;;
esac
`;

/** What the site has written: all of it, whatever was asked for. */
export const JOURNALCTL = '#!/bin/sh\ncat /var/log/plyr\n';
