/** Feature bits of a block device (virtio §5.2.3). */
export const VIRTIO_BLK_F_SIZE_MAX: bigint = 1n << 1n;
export const VIRTIO_BLK_F_SEG_MAX: bigint = 1n << 2n;
export const VIRTIO_BLK_F_GEOMETRY: bigint = 1n << 4n;
export const VIRTIO_BLK_F_RO: bigint = 1n << 5n;
export const VIRTIO_BLK_F_BLK_SIZE: bigint = 1n << 6n;
export const VIRTIO_BLK_F_FLUSH: bigint = 1n << 9n;
export const VIRTIO_BLK_F_TOPOLOGY: bigint = 1n << 10n;
export const VIRTIO_BLK_F_CONFIG_WCE: bigint = 1n << 11n;
export const VIRTIO_BLK_F_DISCARD: bigint = 1n << 13n;
export const VIRTIO_BLK_F_WRITE_ZEROES: bigint = 1n << 14n;

/** Offsets in the device configuration (virtio §5.2.4). */
export const VIRTIO_BLK_CONFIG = {
  capacity: 0,
  sizeMax: 8,
  segMax: 12,
  blkSize: 20,
  physicalBlockExp: 24,
  alignmentOffset: 25,
  minIoSize: 26,
  optIoSize: 28,
  writeback: 32,
  maxDiscardSectors: 36,
  maxDiscardSeg: 40,
  discardSectorAlignment: 44,
  maxWriteZeroesSectors: 48,
  maxWriteZeroesSeg: 52,
  writeZeroesMayUnmap: 56,
} as const;

/** Bytes of the configuration up to and with write_zeroes_may_unmap and its padding. */
export const VIRTIO_BLK_CONFIG_SIZE = 60;

/** Request types (virtio §5.2.6). */
export const VIRTIO_BLK_T_IN = 0;
export const VIRTIO_BLK_T_OUT = 1;
export const VIRTIO_BLK_T_FLUSH = 4;
export const VIRTIO_BLK_T_GET_ID = 8;
export const VIRTIO_BLK_T_DISCARD = 11;
export const VIRTIO_BLK_T_WRITE_ZEROES = 13;

/** Status bytes (virtio §5.2.6). */
export const VIRTIO_BLK_S_OK = 0;
export const VIRTIO_BLK_S_IOERR = 1;
export const VIRTIO_BLK_S_UNSUPP = 2;

/** The request header: type u32, reserved u32, sector u64. */
export const VIRTIO_BLK_REQ_SIZE = 16;
/** The unit of capacity and sector, whatever blk_size says. */
export const VIRTIO_BLK_SECTOR_SIZE = 512;
/** Bytes of the answer to GET_ID. */
export const VIRTIO_BLK_ID_BYTES = 20;
