# Sourced by ./knell, ./test and .ci/run: which packages are needed, and getting them on Debian.

packages_to_build="g++ cmake ninja-build libfmt-dev libcli11-dev nlohmann-json3-dev clang bpftool libbpf-dev"
packages_to_test="libgtest-dev libgmock-dev librapidcheck-dev python3 python3-jsonschema"

say() { printf '%s\n' "$*" >&2; }

# Where there is no dpkg to ask, ask the compiler itself.
can_build() {
  command -v cmake >/dev/null && command -v ninja >/dev/null && command -v g++ >/dev/null &&
    printf '#include <expected>\n#include <fmt/core.h>\n#include <CLI/CLI.hpp>\n#include <nlohmann/json.hpp>\nint main(){return std::expected<int,int>(0).value();}\n' |
    g++ -std=c++23 -DFMT_HEADER_ONLY -x c++ -fsyntax-only - 2>/dev/null
}

missing_packages() {
  for package in "$@"; do
    case "$(dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null)" in
      installed) ;;
      *) printf ' %s' "$package" ;;
    esac
  done
}

# need PACKAGE...: returns once all are there, or ends the script with what to do.
need() {
  if ! command -v dpkg-query >/dev/null || ! command -v apt-get >/dev/null; then
    can_build && return 0
    say "knell: this is not Debian, so please install these yourself:"
    say "  a C++23 compiler (GCC 12 or later), CMake 3.25 or later, Ninja,"
    say "  fmt 9, CLI11 2 and nlohmann-json 3 with their headers;"
    say "  if names are to be found sooner among thousands: Clang, bpftool, libbpf's headers;"
    say "  for the tests also GoogleTest and RapidCheck."
    say "Debian calls them: $packages_to_build $packages_to_test"
    exit 2
  fi
  missing=$(missing_packages "$@")
  [ -n "$missing" ] || return 0
  say "knell: these Debian packages are missing and will be installed now:$missing"
  root=""
  if [ "$(id -u)" -ne 0 ]; then
    if ! command -v sudo >/dev/null; then
      say "knell: that needs root, and there is no sudo. As root, run:"
      say "  apt-get install --no-install-recommends$missing"
      exit 2
    fi
    root="sudo"
  fi
  log=$(mktemp)
  if ! { $root apt-get update &&
    $root env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends $missing; } >"$log" 2>&1 </dev/null; then
    tail -n 15 "$log" >&2
    say "knell: apt-get could not install them; its last words are above (all of them: $log)."
    exit 2
  fi
  rm -f "$log"
}

# build PRESET [TARGET...]: configures once, then builds what changed.
build() {
  preset=$1
  shift
  log="build/$preset.log"
  mkdir -p build || exit 2
  if [ ! -f "build/$preset/build.ninja" ]; then
    if ! cmake --preset "$preset" >"$log" 2>&1; then
      tail -n 20 "$log" >&2
      say "knell: CMake could not configure the build ($log)."
      exit 2
    fi
  fi
  [ $# -eq 0 ] || set -- --target "$@"
  if ! cmake --build --preset "$preset" "$@" >"$log" 2>&1; then
    grep -E -A6 'error|FAILED' "$log" | head -n 40 >&2
    say "knell: the build failed; all of what it said is in $log."
    exit 2
  fi
}
