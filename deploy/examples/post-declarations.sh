#!/usr/bin/env bash
# Posts a file to GuspApi, follows its import to the end and fetches what was rejected.
#
#   GUSP=https://gusp.example.fr GUSP_KEY=… ./post-declarations.sh FILE [DATASET] [OPTIONS]
#
#   FILE      .csv, .xlsx, .json, .ndjson or .geojson
#   DATASET   declarations (by default), holdings, landlords, qpvs, communes
#   OPTIONS   the rest of the query: submit=true, mode=validate, atomicity=all; several are joined by &
#
# GUSP_TIMEOUT is the time limit in seconds (3600 by default), GUSP_RUN the name of this run (by default today's date). The same file with
# the same query in the same run is one import, however often it is posted: when the job was killed or timed out, just start it again.
#
# Progress and errors go to stderr, the path of the rejects to stdout.
# Exit code: 0 all is written; 1 something was rejected; 2 nothing was written, or nobody knows yet.
set -euo pipefail
umask 077

die() { printf '%s\n' "$*" >&2; exit 2; }

[ $# -ge 1 ] && [ $# -le 3 ] || die "Usage: GUSP=… GUSP_KEY=… $0 FILE [DATASET] [OPTIONS]"
: "${GUSP:?is the address of the API, such as https://gusp.example.fr}" "${GUSP_KEY:?is your key}"
file=$1 query="dataset=${2:-declarations}${3:+&$3}" limit=${GUSP_TIMEOUT:-3600}
[ -r "$file" ] || die "$file cannot be read."
case $file in
    *.csv) type=text/csv ;;
    *.xlsx) type=application/vnd.openxmlformats-officedocument.spreadsheetml.sheet ;;
    *.json) type=application/json ;;
    *.ndjson) type=application/x-ndjson ;;
    *.geojson) type=application/geo+json ;;
    *) die "$file is none of .csv, .xlsx, .json, .ndjson, .geojson." ;;
esac

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
# In a file, not among the arguments of curl, which every user of the machine can see.
printf 'Authorization: Bearer %s\n' "$GUSP_KEY" >"$work/key"

# The first answer to a request. No answer, 429, 502 to 504 and "still being received" are no answer yet: ask again, no sooner than told.
ask() { # FILE-FOR-THE-BODY CURL-ARGUMENTS…
    local body=$1 status pause
    shift
    while :; do
        : >"$work/headers"
        [ "$SECONDS" -lt "$limit" ] || die "Not ended after $limit s. Start again to go on."
        status=$(curl --silent --show-error --connect-timeout 10 --max-time $((limit - SECONDS)) --header @"$work/key" \
            --dump-header "$work/headers" --output "$body" --write-out '%{http_code}' "$@") || status=000
        pause=$(retry_after)
        case $status in
            2??) return ;;
            000 | 429 | 502 | 503 | 504) wait_for "$pause" "No answer yet ($status)" ;;
            409) [ -n "$pause" ] || refused "$status" "$body"; wait_for "$pause" "Still being received" ;;
            *) refused "$status" "$body" ;;
        esac
    done
}

refused() { die "Refused ($1): $(cat "$2")"; }

retry_after() { sed -n 's/^[Rr]etry-[Aa]fter: *\([0-9]\{1,\}\).*/\1/p' "$work/headers" | tail -n 1; }

wait_for() { # SECONDS WHY
    local pause=${1:-5} left=$((limit - SECONDS))
    printf '%s, again in %s s.\n' "$2" "$pause" >&2
    sleep $((pause < left ? pause : left > 0 ? left : 0))
}

# A member of the import, which is one line of JSON. The patterns name its type, so that links are not taken for numbers.
text() { sed -n "s/.*\"$1\":\"\([^\"]*\)\".*/\1/p" "$work/import"; }
number() { sed -n "s/.*\"$1\":\([0-9]\{1,\}\).*/\1/p" "$work/import"; }

sha256=$({ sha256sum || shasum -a 256; } <"$file" 2>/dev/null | cut -c 1-64)
[ ${#sha256} = 64 ] || die "sha256sum or shasum is needed."
# shellcheck disable=SC2001 # Each pair of digits becomes \x..: no parameter expansion can.
digest=$(printf '%b' "$(sed 's/../\\x&/g' <<<"$sha256")" | base64)

ask "$work/import" --request POST --upload-file "$file" --header "Content-Type: $type" --header "Content-Digest: sha-256=:$digest:" \
    --header "Idempotency-Key: ${GUSP_RUN:-$(date -u +%F)}?$query#$sha256" "${GUSP%/}/v1/imports?$query"
import=${GUSP%/}/v1/imports/$(text id)
! grep -qi '^idempotent-replayed: true' "$work/headers" || echo "Posted before in this run: this is how that import stands." >&2

while state=$(text state); [[ $state == RECEIVED || $state == VALIDATING || $state == APPLYING ]]; do
    wait_for "$(retry_after)" "$state $(number percent) %, $(number rowsRead) rows"
    ask "$work/import" "$import"
done

printf '%s: %s created, %s updated, %s unchanged, %s rejected, %s errors, %s warnings.\n' \
    "$state" "$(number created)" "$(number updated)" "$(number unchanged)" "$(number rejected)" "$(number errors)" "$(number warnings)" >&2
[ "$(number errors)" = 0 ] && [[ $state == DONE || $state == VALIDATED ]] && exit 0

ask "$work/errors" "$import/errors?format=csv&severity=ERROR"
cat "$work/errors" >&2
[ "$(number rejected)" != 0 ] || die "$(text message)"

# Named after its import, and never written twice: someone may be mending it.
rejects=${file%.*}.rejects-${import##*/}.${file##*.}
if [ ! -e "$rejects" ]; then
    ask "$rejects.part" "$import/rejects"
    mv "$rejects.part" "$rejects"
fi
printf '%s\n' "$rejects"
[ "$state" != FAILED ] || die "$(text message)"
exit 1
