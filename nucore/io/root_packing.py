"""Decompression of objects of ROOT files, bounded by the size they announce."""

from __future__ import annotations

import lzma
import zlib

import cramjam
import xxhash

#: Largest object of a file, unpacked: a histogram, the description of a tree, a basket of a branch.
MAX_OBJECT_BYTES = 64_000_000


def unpacked(content: bytes, size: int) -> bytes:
    """Decompress the blocks of an object: method (2 characters and a byte), two sizes of 3 bytes, contents.

    Parameters
    ----------
    content : bytes
    size : int
        Bytes that it announces unpacked.

    Raises
    ------
    ValueError
        If a block unpacks to another size than it announces, or any error of the method.
    """
    parts, start, total = [], 0, 0
    while total < size:
        method = content[start : start + 2]
        packed, unpacked = (int.from_bytes(content[start + at : start + at + 3], "little") for at in (3, 6))
        block = content[start + 9 : start + 9 + packed]
        if packed == 0 or unpacked == 0 or len(block) != packed or total + unpacked > size:
            raise ValueError("the sizes of a compressed object are inconsistent")
        part = _unpacked_block(method, block, unpacked)
        if len(part) != unpacked:
            raise ValueError("a compressed object does not have the size it announces")
        parts.append(part)
        start, total = start + 9 + packed, total + unpacked
    return b"".join(parts)


def _unpacked_block(method: bytes, block: bytes, size: int) -> bytes:
    match method:
        case b"ZL":
            return zlib.decompressobj().decompress(block, size + 1)
        case b"CS":  # of ROOT 3 and earlier: the same without a header
            return zlib.decompressobj(-zlib.MAX_WBITS).decompress(block, size + 1)
        case b"XZ":
            return lzma.LZMADecompressor(memlimit=4 * MAX_OBJECT_BYTES).decompress(block, size + 1)
        case b"L4":  # after a checksum of 8 bytes
            if xxhash.xxh64_digest(block[8:]) != block[:8]:
                raise ValueError("the checksum of a compressed object is wrong")
            return bytes(cramjam.lz4.decompress_block(block[8:], output_len=size))
        case b"ZS":
            buffer = bytearray(size)
            return bytes(buffer[: cramjam.zstd.decompress_into(block, buffer)])
        case _:
            raise ValueError(f"unknown compression {method!r}")
