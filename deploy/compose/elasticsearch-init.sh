#!/bin/bash
# Gives the program a user of its own that reaches its own indices alone. May
# run again: both requests put the same in place.
set -euo pipefail
export LC_ALL=C
secrets=${SECRETS:-/run/secrets}
# The password stands in a file of curl's own form, never on a command line.
umask 077
ask() { # METHOD PATH BODY
	curl --config <(printf 'user = "elastic:%s"\n' "$(cat "$secrets/elastic_password")") \
		--silent --show-error --fail-with-body --retry 30 --retry-delay 2 --retry-all-errors \
		--header 'Content-Type: application/json' --request "$1" --data-binary @- \
		"${ELASTICSEARCH:-http://elasticsearch:9200}/$2" <<<"$3"
	echo
}
ask PUT _security/role/resumewatch '{
  "cluster": ["monitor", "manage_index_templates"],
  "indices": [{"names": ["resumewatch-*"], "privileges": ["all"]}]
}'
ask PUT _security/user/resumewatch "{
  \"password\": \"$(cat "$secrets/index_password")\",
  \"roles\": [\"resumewatch\"]
}"
