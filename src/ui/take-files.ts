/** The files that were chosen. The input forgets them: chosen again, once one is mended, they are a change again. */
export function takeFiles({ target }: Event): File[] {
  const input = target as HTMLInputElement;
  const files = [...(input.files ?? [])];
  input.value = "";
  return files;
}
