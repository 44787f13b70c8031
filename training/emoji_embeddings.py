"""assets/embeddings/emoji-clip.npz: what the finished emoji-clip makes of every emoji's plain picture.

Run it after emoji-clip was trained anew: a file made by another model is not used.
"""

from __future__ import annotations

from core.analyses.emoji_vectors import SHIPPED, ship

NAME = "emoji-clip"


def main() -> None:
    print(f"{ship(NAME):,} vectors in {SHIPPED.name}, {SHIPPED.stat().st_size / 1e6:.1f} MB")


if __name__ == "__main__":
    main()
