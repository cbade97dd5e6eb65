#!/usr/bin/env bash
# Keeps a copy of what your key sees in step with GuspApi: a folder for each type, a JSON file for each object. Runs until it is stopped;
# started again, it goes on where it was.
#
#   GUSP=https://gusp.example.fr GUSP_KEY=… ./keep-copy.sh FOLDER [FILTERS]
#
#   FILTERS   the rest of the query: types=declaration, landlord=999590011, department=59; several are joined by &
#
# Needs curl and jq. Exit code: 2 when it is refused, such as after the key was revoked.
set -euo pipefail
umask 077

: "${GUSP:?is the address of the API, such as https://gusp.example.fr}" "${GUSP_KEY:?is your key}"
copy=${1:?"is the folder of the copy"} page=$1/.page
mkdir -p "$copy"
# In a file, not among the arguments of curl, which every user of the machine can see.
printf 'Authorization: Bearer %s\n' "$GUSP_KEY" >"$copy/.key"
[ -e "$copy/.next" ] || printf '/v1/changes?include=object&limit=1000&wait=30%s\n' "${2:+&$2}" >"$copy/.next"

while :; do
    status=$(curl --silent --show-error --max-time 60 --header @"$copy/.key" --output "$page" --write-out '%{http_code}' \
        "${GUSP%/}$(cat "$copy/.next")") || status=000
    case $status in
        200) ;;
        000 | 429 | 5??) sleep 5; continue ;;
        *) printf 'Refused (%s): %s\n' "$status" "$(cat "$page")" >&2; exit 2 ;;
    esac

    # The last event of each object is what counts: a file with the content, or none where there is none to be seen any more.
    while IFS=$'\t' read -r file content; do
        mkdir -p "$copy/${file%/*}"
        if [ "$content" = null ]; then rm -f "$copy/$file"; else printf '%s\n' "$content" >"$copy/$file"; fi
    done < <(jq --raw-output '.data | group_by(.object | .type, .key)[] | last.object
        | "\(.type)/\(.key | gsub("/"; "-")).json\t\(.content | tojson)"' "$page")

    # Only now: what was cut off before is done again, which changes nothing.
    jq --raw-output .links.next "$page" >"$copy/.next.new"
    mv "$copy/.next.new" "$copy/.next"
done
