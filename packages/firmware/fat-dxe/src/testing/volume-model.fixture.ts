import type { EfiFile, EfiStatus } from '@dxelab/uefi';
import { EFI_FILE_DIRECTORY } from '@dxelab/uefi';
import * as fc from 'fast-check';
import { pattern, statusOf } from './mount.fixture.ts';

/** What a volume should hold: contents by path in capitals, `undefined` for directories. */
export class Model {
  readonly files = new Map<string, { name: string; content: Uint8Array | undefined }>();

  get(path: string): { name: string; content: Uint8Array | undefined } | undefined {
    return this.files.get(path.toUpperCase());
  }

  parentOf(path: string): string {
    return path.slice(0, path.lastIndexOf('\\'));
  }

  isDirectory(path: string): boolean {
    const entry = this.get(path);
    return path === '' || (entry !== undefined && entry.content === undefined);
  }

  below(path: string): string[] {
    return [...this.files.keys()].filter((key) => key.startsWith(`${path.toUpperCase()}\\`));
  }

  set(path: string, content: Uint8Array | undefined): void {
    this.files.set(path.toUpperCase(), { name: path.slice(path.lastIndexOf('\\') + 1), content });
  }
}

const NAMES = ['a', 'B', 'c.txt', 'Long name of a file', 'Long name of another', 'Größe', 'x.y.z'];
const DIRECTORIES = ['', '\\Dir', '\\Dir\\Deeper one', '\\second directory'];
const paths = fc
  .tuple(fc.constantFrom(...DIRECTORIES), fc.constantFrom(...NAMES))
  .map(([directory, name]) => `${directory}\\${name}`);
const sizes = fc.oneof(
  fc.integer({ min: 0, max: 40 }),
  fc.constantFrom(511, 512, 513, 1024, 5000, 30_000),
);

/** What the volume did and what the model says. */
function agree(found: EfiStatus, expected: EfiStatus, call: string): void {
  if (found !== expected) throw new Error(`${call}: ${found}, expected ${expected}`);
}

/** One call on the volume, and the same on the model. */
export type Step = (root: EfiFile, model: Model) => void;

/** Opens for writing, says what it should have said, and runs `body` on success. */
function open(root: EfiFile, path: string, status: EfiStatus, body: (file: EfiFile) => void): void {
  let file: EfiFile | undefined;
  const found = statusOf(() => {
    file = root.open(path, 'read-write');
  });
  agree(found, status, `open ${path}`);
  if (file !== undefined) body(file);
}

const present = (model: Model, path: string): EfiStatus =>
  model.get(path) === undefined ? 'EFI_NOT_FOUND' : 'EFI_SUCCESS';

const creates = fc.tuple(paths, fc.boolean()).map(([path, isDirectory]): Step => (root, model) => {
  const possible = model.isDirectory(model.parentOf(path));
  const attributes = isDirectory ? EFI_FILE_DIRECTORY : 0;
  const status = statusOf(() => root.open(path, 'read-write-create', attributes).close());
  agree(status, possible ? 'EFI_SUCCESS' : 'EFI_NOT_FOUND', `create ${path}`);
  if (possible && model.get(path) === undefined) {
    model.set(path, isDirectory ? undefined : new Uint8Array(0));
  }
});

const directories = fc.constantFrom(...DIRECTORIES.slice(1)).map((path): Step => (root, model) => {
  if (!model.isDirectory(model.parentOf(path)) || model.get(path) !== undefined) return;
  root.open(path, 'read-write-create', EFI_FILE_DIRECTORY).close();
  model.set(path, undefined);
});

const writes = fc
  .tuple(paths, sizes, sizes, fc.nat())
  .map(([path, position, length, seed]): Step => (root, model) => {
    open(root, path, present(model, path), (file) => {
      const old = model.get(path)?.content;
      const data = pattern(length, seed);
      file.setPosition(old === undefined ? 0 : position);
      agree(
        statusOf(() => file.write(data)),
        old === undefined ? 'EFI_UNSUPPORTED' : 'EFI_SUCCESS',
        `write ${path}`,
      );
      file.close();
      if (old === undefined || length === 0) return;
      const content = new Uint8Array(Math.max(old.length, position + length));
      content.set(old);
      content.set(data, position);
      model.set(path, content);
    });
  });

const resizes = fc.tuple(paths, sizes).map(([path, fileSize]): Step => (root, model) => {
  open(root, path, present(model, path), (file) => {
    const old = model.get(path)?.content;
    if (old !== undefined) {
      file.setInfo({ fileSize });
      const content = new Uint8Array(fileSize);
      content.set(old.subarray(0, fileSize));
      model.set(path, content);
    }
    file.close();
  });
});

const deletes = fc
  .oneof(paths, fc.constantFrom(...DIRECTORIES.slice(1)))
  .map((path): Step => (root, model) => {
    open(root, path, present(model, path), (file) => {
      const isEmpty = model.below(path).length === 0;
      agree(file.delete(), isEmpty ? 'EFI_SUCCESS' : 'EFI_WARN_DELETE_FAILURE', `delete ${path}`);
      if (isEmpty) model.files.delete(path.toUpperCase());
    });
  });

const renames = fc
  .tuple(fc.oneof(paths, fc.constantFrom(...DIRECTORIES.slice(1))), paths)
  .map(([from, to]): Step => (root, model) => {
    open(root, from, present(model, from), (file) => {
      const same = from.toUpperCase() === to.toUpperCase();
      const inside = `${to.toUpperCase()}\\`.startsWith(`${from.toUpperCase()}\\`);
      const what = `rename ${from} to ${to}`;
      const status = statusOf(() => file.setInfo({ fileName: to }));
      file.close();
      if (!model.isDirectory(model.parentOf(to))) agree(status, 'EFI_NOT_FOUND', what);
      else if (same) agree(status, 'EFI_SUCCESS', what);
      else if (inside || model.get(to) !== undefined) agree(status, 'EFI_ACCESS_DENIED', what);
      else {
        agree(status, 'EFI_SUCCESS', what);
        for (const key of [...model.below(from), from.toUpperCase()]) {
          const entry = model.files.get(key);
          model.files.delete(key);
          const moved = to.toUpperCase() + key.slice(from.toUpperCase().length);
          const name =
            key === from.toUpperCase() ? to.slice(to.lastIndexOf('\\') + 1) : entry?.name;
          model.files.set(moved, { name: name ?? '', content: entry?.content });
        }
      }
    });
  });

export const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.oneof(creates, directories, directories, writes, writes, resizes, deletes, renames),
  {
    minLength: 1,
    maxLength: 40,
  },
);
