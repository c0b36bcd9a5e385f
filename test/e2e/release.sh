# Sourced beside helm.sh: the release before this tree, from which users come.
# shellcheck shell=bash
RELEASE=v0.1.0
RELEASE_CACHE=${MILLRACE_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/millrace}/release

# release_commit prints the release's commit: that of its tag, or, as not every clone has tags, the one that is written down.
release_commit() {
  local commit
  commit=$(git -C "$E2E_ROOT" rev-parse -q --verify "$RELEASE^{commit}") || commit=$(cat "$E2E_ROOT/test/release/$RELEASE")
  git -C "$E2E_ROOT" cat-file -e "$commit^{commit}" 2>/dev/null && echo "$commit"
}

# release_build builds the release's images out of the history, unless the cache has them, and sets RELEASE_FOLDER: operator.tar, worker.tar, and the tree.
# A clone that lacks the commit gets an empty one, and says so.
release_build() {
  local commit new
  RELEASE_FOLDER=
  if ! commit=$(release_commit); then
    echo "e2e: the clone has no commit of $RELEASE, so that nothing is upgraded from there: fetch the whole history" >&2
    return
  fi
  RELEASE_FOLDER=$RELEASE_CACHE/$commit
  if [[ -f $RELEASE_FOLDER/worker.tar ]]; then return; fi
  echo "e2e: images of $RELEASE, once"
  mkdir -p "$RELEASE_CACHE"
  new=$(mktemp -d "$RELEASE_CACHE/new-XXXXXX")
  mkdir "$new/tree"
  git -C "$E2E_ROOT" archive "$commit" | tar -x -C "$new/tree"
  make -s -C "$new/tree" images IMAGE_TAG=$RELEASE
  mv "$new/tree/bin/operator.tar" "$new/operator.tar"
  mv "$new/tree/bin/worker.tar" "$new/worker.tar"
  rm -rf "$new/tree/bin" "$RELEASE_FOLDER"
  mv "$new" "$RELEASE_FOLDER"
}
