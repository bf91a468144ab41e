/** Offers a file to the visitor as a download. */
export function download(name: string, file: Blob): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(file);
  link.download = name;
  link.click();
  // The browser has opened the address by then.
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}
