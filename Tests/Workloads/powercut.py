#!/usr/bin/env python3
"""Makes of a directory what a power cut would leave of it, from the shadow that powerloss.c kept.

Names as of each directory's last sync, content as of each file's; a file that was never synced is empty, a
directory that never was has no names. Files whose names begin with --keep stay as they are: other programs' own.
"""

import argparse
import os
import shutil

from workload import report


def rebuild(shadow, key, target, counts):
    """The directory `key`, as of its last sync, at `target`."""
    os.makedirs(target, exist_ok=True)
    listing = os.path.join(shadow, key)
    if not os.path.exists(listing):
        return
    with open(listing, encoding="utf-8") as file:
        for line in file:
            kind, child, name = line.rstrip("\n").split(" ", 2)
            path = os.path.join(target, name)
            if kind == "d":
                rebuild(shadow, child, path, counts)
            elif os.path.exists(os.path.join(shadow, child)):
                shutil.copyfile(os.path.join(shadow, child), path)
                counts["whole"] += 1
            else:
                open(path, "wb").close()
                counts["empty"] += 1


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("root")
    parser.add_argument("shadow")
    parser.add_argument("--keep", default="\0", help="names of files to leave as they are begin so")
    options = parser.parse_args()
    # Python tells no time of birth; the shadow has just one key with this inode, as the root is never made anew.
    inode = f"{os.stat(options.root).st_ino}-"
    key = next((name for name in os.listdir(options.shadow) if name.startswith(inode)), inode)
    counts = {"whole": 0, "empty": 0}
    after = options.root + ".after"
    rebuild(options.shadow, key, after, counts)
    for name in os.listdir(after):
        if name.startswith(options.keep) and os.path.isfile(os.path.join(after, name)):
            os.unlink(os.path.join(after, name))
    for name in os.listdir(options.root):
        if name.startswith(options.keep):
            shutil.copyfile(os.path.join(options.root, name), os.path.join(after, name))
    shutil.rmtree(options.root)
    os.rename(after, options.root)
    shutil.rmtree(options.shadow)
    os.mkdir(options.shadow)
    report(**counts)


if __name__ == "__main__":
    main()
