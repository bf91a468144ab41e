/** The parts of Pyodide's interface that are used. All but the loader are private to Pyodide and pinned to its version. */

export interface PyodideModule {
  HEAPU8: Uint8Array<ArrayBuffer>;
  _malloc(bytes: number): number;
  _free(pointer: number): void;
  lengthBytesUTF8(text: string): number;
  stringToUTF8(text: string, pointer: number, bytes: number): void;
  UTF8ToString(pointer: number): string;
  stackSave(): number;
  stackRestore(pointer: number): void;
  _PyUnicode_FromString(pointer: number): number;
  _PyUnicode_AsUTF8(object: number): number;
  _PyObject_CallOneArg(callable: number, argument: number): number;
}

export interface PyodidePrivate {
  _module: PyodideModule;
  _api: { makeSnapshot(): Uint8Array<ArrayBuffer>; config: { _loadSnapshot?: Uint8Array } };
  setInterruptBuffer(buffer: Uint8Array): void;
  runPython(source: string): unknown;
}

export interface PyodideLoader {
  loadPyodide(options: object): Promise<unknown>;
}
