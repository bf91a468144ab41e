/** Made by the build (scripts/lib/python-images.mjs): heap images beside the page; empty where code does not run in a page. */
declare module "kelvin:python-images" {
  const images: { readonly address: string; readonly bytes: number };
  export default images;
}
