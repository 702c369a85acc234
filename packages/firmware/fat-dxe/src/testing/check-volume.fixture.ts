/** What a check of a volume finds. */
export interface Check {
  /** Everything that must not be, whenever power fails. */
  readonly errors: string[];
  /** Clusters that are taken, but by nobody: harmless, and allowed after a failure. */
  readonly lost: number;
  /** Files with more clusters than they need: likewise. */
  readonly excess: string[];
  /** Copies of the FAT that differ, and a wrong count of free clusters: likewise. */
  readonly stale: string[];
  /** All files with their contents, and directories with `undefined`, by path. */
  readonly files: Map<string, Uint8Array | undefined>;
}

const END = 0x0ffffff8;

/**
 * A small fsck, written after the FAT specification and sharing no code with the driver: it reads the
 * whole volume and compares FATs, chains, sizes, names and free counts.
 */
export function checkVolume(bytes: Uint8Array): Check {
  const errors: string[] = [];
  const excess: string[] = [];
  const stale: string[] = [];
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const sector = view.getUint16(11, true);
  const clusterSize = sector * view.getUint8(13);
  const reserved = view.getUint16(14, true);
  const fats = view.getUint8(16);
  const rootEntries = view.getUint16(17, true);
  const total = view.getUint16(19, true) || view.getUint32(32, true);
  const small = view.getUint16(22, true);
  const fatSize = (small || view.getUint32(36, true)) * sector;
  const fatAt = reserved * sector;
  const rootAt = fatAt + fats * fatSize;
  const dataAt = rootAt + Math.ceil((rootEntries * 32) / sector) * sector;
  const clusters = Math.floor((total * sector - dataAt) / clusterSize);
  const bits = small === 0 ? 32 : clusters < 4085 ? 12 : 16;
  const last = clusters + 1;

  const first = bytes.subarray(fatAt, fatAt + fatSize);
  for (let copy = 1; copy < fats; copy++) {
    const other = bytes.subarray(fatAt + copy * fatSize, fatAt + (copy + 1) * fatSize);
    if (first.some((byte, index) => byte !== other[index])) stale.push(`FAT ${copy} differs`);
  }

  const fat = (cluster: number): number => {
    if (bits === 32) return view.getUint32(fatAt + cluster * 4, true) & 0x0fffffff;
    if (bits === 16) {
      const entry = view.getUint16(fatAt + cluster * 2, true);
      return entry >= 0xfff7 ? entry | 0x0fff0000 : entry;
    }
    const pair = view.getUint16(fatAt + cluster + (cluster >> 1), true);
    const entry = (cluster & 1) === 0 ? pair & 0xfff : pair >> 4;
    return entry >= 0xff7 ? entry | 0x0ffff000 : entry;
  };

  const owner = new Map<number, string>();
  const chain = (start: number, path: string): Uint8Array => {
    const found: number[] = [];
    for (let cluster = start; cluster < END; cluster = fat(cluster)) {
      if (cluster < 2 || cluster > last) {
        errors.push(`${path}: cluster ${cluster} after ${found.length}`);
        break;
      }
      const taken = owner.get(cluster);
      if (taken !== undefined) {
        errors.push(`${path}: cluster ${cluster} belongs to ${taken}`);
        break;
      }
      owner.set(cluster, path);
      found.push(cluster);
    }
    const content = new Uint8Array(found.length * clusterSize);
    for (const [index, cluster] of found.entries()) {
      const at = dataAt + (cluster - 2) * clusterSize;
      content.set(bytes.subarray(at, at + clusterSize), index * clusterSize);
    }
    return content;
  };

  const files = new Map<string, Uint8Array | undefined>();
  const directory = (content: Uint8Array, path: string, self: number, parent: number): void => {
    const names = new Set<string>();
    const shorts = new Set<string>();
    let long = '';
    let sum = -1;
    let dots = 0;
    for (let at = 0; at < content.length; at += 32) {
      const slot = new DataView(content.buffer, content.byteOffset + at, 32);
      const mark = slot.getUint8(0);
      if (mark === 0) break;
      if (mark === 0xe5) {
        long = '';
        continue;
      }
      const attributes = slot.getUint8(11);
      if (attributes === 0x0f) {
        if ((mark & 0x40) !== 0) {
          long = '';
          sum = slot.getUint8(13);
        }
        if (slot.getUint8(13) !== sum) errors.push(`${path}: checksums of a long name differ`);
        let part = '';
        for (const unit of [1, 3, 5, 7, 9, 14, 16, 18, 20, 22, 24, 28, 30]) {
          part += String.fromCharCode(slot.getUint16(unit, true));
        }
        long = part + long;
        continue;
      }
      const short = String.fromCharCode(...content.subarray(at, at + 11));
      if ((attributes & 0x08) !== 0) {
        long = '';
        continue;
      }
      let check = 0;
      for (const char of short)
        check = (((check & 1) << 7) + (check >> 1) + char.charCodeAt(0)) & 0xff;
      if (long !== '' && check !== sum) {
        errors.push(`${path}: the long name of ${short} has another checksum`);
      }
      const flags = slot.getUint8(12);
      const base = short.slice(0, 8).trimEnd();
      const extension = short.slice(8).trimEnd();
      const plain =
        ((flags & 8) === 0 ? base : base.toLowerCase()) +
        (extension === '' ? '' : `.${(flags & 16) === 0 ? extension : extension.toLowerCase()}`);
      const nul = long.indexOf('\0');
      const name = long === '' ? plain : nul === -1 ? long : long.slice(0, nul);
      long = '';
      const start = (bits === 32 ? slot.getUint16(20, true) << 16 : 0) + slot.getUint16(26, true);
      const size = slot.getUint32(28, true);
      if (base === '.' || base === '..') {
        dots++;
        const expected = base === '.' ? self : parent;
        if (start !== expected) errors.push(`${path}: ${base} names ${start}, not ${expected}`);
        continue;
      }
      const full = `${path}\\${name}`;
      if (names.has(name.toUpperCase())) errors.push(`${full} is there twice`);
      if (shorts.has(short)) errors.push(`${full}: 8.3 name ${short} is there twice`);
      names.add(name.toUpperCase());
      shorts.add(short);
      if ((attributes & 0x10) !== 0) {
        if (size !== 0) errors.push(`${full}: a directory of size ${size}`);
        files.set(full, undefined);
        directory(chain(start, full), full, start, path === '' ? 0 : self);
      } else {
        const data = start === 0 ? new Uint8Array(0) : chain(start, full);
        const needed = Math.ceil(size / clusterSize) * clusterSize;
        if (needed > data.length) errors.push(`${full}: ${size} bytes in ${data.length}`);
        if (needed < data.length) excess.push(`${full}: ${data.length} bytes for ${size}`);
        files.set(full, data.slice(0, size));
      }
    }
    if (path !== '' && dots !== 2) errors.push(`${path}: ${dots} dots`);
  };

  const rootCluster = bits === 32 ? view.getUint32(44, true) : 0;
  const root =
    bits === 32 ? chain(rootCluster, '\\') : bytes.subarray(rootAt, rootAt + rootEntries * 32);
  directory(root, '', rootCluster, 0);

  let free = 0;
  let lost = 0;
  for (let cluster = 2; cluster <= last; cluster++) {
    if (fat(cluster) === 0) free++;
    else if (!owner.has(cluster)) lost++;
  }
  const claimed =
    bits === 32 ? view.getUint32(view.getUint16(48, true) * sector + 488, true) : free;
  if (claimed !== free && claimed !== 0xffffffff && lost === 0) {
    stale.push(`FSInfo says ${claimed} free clusters, there are ${free}`);
  }
  return { errors, lost, excess, stale, files };
}

/** What a check of a volume that was left in order finds. */
export const IN_ORDER: Omit<Check, 'files'> = { errors: [], lost: 0, excess: [], stale: [] };

/** Whether the volume says that it was left in order. */
export function isMarkedClean(bytes: Uint8Array): boolean {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const fatAt = view.getUint16(14, true) * view.getUint16(11, true);
  if (view.getUint16(22, true) === 0) return (view.getUint32(fatAt + 4, true) & 0x0800_0000) !== 0;
  return (view.getUint16(fatAt + 2, true) & 0x8000) !== 0;
}
