/** The host's errors that users meet most, in words. */
const WORDS: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  EACCES: 'permission denied',
  EPERM: 'permission denied',
  EROFS: 'the file system is read-only',
  EISDIR: 'it is a directory',
  ENOTDIR: 'a folder in its path is a file',
  Z_BUF_ERROR: 'the gzip data are truncated',
  Z_DATA_ERROR: 'the gzip data are damaged',
};

/** The host could not give what a scenario asked for; the message is meant for whoever wrote it. */
export class HostError extends Error {
  override readonly name = 'HostError';

  /** What was caught about a file, in words; an error that already has them is passed on. */
  static about(path: string, caught: unknown): HostError {
    if (caught instanceof HostError) return caught;
    const code = caught instanceof Error && 'code' in caught ? String(caught.code) : '';
    const words = WORDS[code] ?? (caught instanceof Error ? caught.message : String(caught));
    return new HostError(`${path}: ${words}`, { cause: caught });
  }
}
