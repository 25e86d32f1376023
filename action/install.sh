#!/usr/bin/env bash
# Installs the zt-audit that this action belongs to, and sets the output `program` to its path.
# A checkout of the action has no dist/: then the published package of the same version is installed, without scripts.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)

fail() {
  echo "::error title=zt-audit::$1"
  exit 2
}

command -v node >/dev/null || fail 'Node is not there: add actions/setup-node before this action'
node -e 'const [a, b] = process.versions.node.split("."); process.exit(a > 20 || (a == 20 && b >= 19) ? 0 : 1)' ||
  fail "Node $(node --version) is too old: zt-audit needs 20.19 or newer (actions/setup-node)"

if [[ -f $here/dist/cli.js ]]; then
  program=$here/bin/zt-audit.js
else
  version=$(node -e 'console.log(JSON.parse(require("fs").readFileSync(process.argv[1], "utf8")).version)' "$here/package.json")
  folder=$RUNNER_TEMP/zt-audit-$version
  program=$folder/node_modules/zt-audit/bin/zt-audit.js
  if [[ ! -f $program ]]; then
    mkdir -p "$folder"
    # In a folder of its own: an .npmrc of the audited repository must not say where packages come from.
    cd "$folder"
    npm install --prefix "$folder" --no-save --ignore-scripts --no-audit --no-fund --loglevel=error "zt-audit@$version" ||
      fail "npm could not install zt-audit@$version"
  fi
fi
echo "zt-audit $(node "$program" --version)"
echo "program=$program" >>"$GITHUB_OUTPUT"
