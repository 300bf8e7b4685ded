import { describe, expect, test } from "vitest";
import { fileType, textOf } from "../../src/lib/file-type.ts";
import { PICTURES } from "../platforms/pictures.ts";

const bytes = (text: string) => Uint8Array.from(text, (letter) => letter.charCodeAt(0));

describe("a file is what its first bytes say", () => {
  test.each(Object.entries(PICTURES))("%s", (mime, picture) => {
    expect(fileType(picture)).toBe(mime);
  });

  test.each([
    ["OggS\0\x02", "audio/ogg"],
    ["ID3\x04", "audio/mpeg"],
    ["\xff\xfb\x90d", "audio/mpeg"],
    ["\0\0\0\x1cftypM4A ", "audio/mp4"],
    ["RIFF\x24\0\0\0WAVEfmt ", "audio/wav"],
    ["fLaC", "audio/flac"],
    ["\x1aE\xdf\xa3", "audio/webm"],
    ["%PDF-1.7", "application/pdf"],
    ["PK\x03\x04", "application/zip"],
    ["\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "application/x-ole-storage"],
  ])("%j is %s", (start, mime) => {
    expect(fileType(bytes(start))).toBe(mime);
  });

  test.each(["<!doctype html>", "<svg/>", "RIFF\x24\0\0\0AVI ", "", "GIF8", "PKZIP is a program"])(
    "%j is none of them",
    (start) => {
      expect(fileType(bytes(start))).toBeNull();
    },
  );
});

describe("a file as text", () => {
  test.each([
    ["UTF-8", new TextEncoder().encode("Grüße\r\nan\ralle\t✓"), "Grüße\nan\nalle\t✓"],
    ["UTF-8 with its mark", new TextEncoder().encode("\ufeffa,b"), "a,b"],
    ["UTF-16", bytes("\xff\xfea\0,\0"), "a,"],
    ["a terminal's colours", bytes("\x1b[31mred\x1b[0m"), "\x1b[31mred\x1b[0m"],
    ["nothing", bytes(""), ""],
  ])("%s", (_, file, text) => {
    expect(textOf(file, false)).toBe(text);
  });

  test("is read by the code page of older programs only where it is said to be text", () => {
    expect(textOf(bytes("Gr\xfc\xdfe;\x80 5"), true)).toBe("Grüße;€ 5");
    expect(textOf(bytes("Gr\xfc\xdfe"), false)).toBeNull();
  });

  test.each([["a\0b"], ["\x01\x02"], ["PK\x03\x04\xff"]])("%j is none, whatever is said", (file) => {
    expect(textOf(bytes(file), true)).toBeNull();
  });
});
