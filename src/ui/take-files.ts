/** The chosen files. Clears the input, so that choosing the same file again fires an event. */
export function takeFiles({ target }: Event): File[] {
  const input = target as HTMLInputElement;
  const files = [...(input.files ?? [])];
  input.value = "";
  return files;
}
