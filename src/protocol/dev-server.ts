/** What to do where the dev server of a bundler answers, and no OOCSI server. */
export const devServerAdvice =
  "the dev server of a bundler: give the address of the OOCSI server, as in createClient('ws://localhost:9000/ws'), or let the dev server pass WebSockets for /ws on to it (Vite: server.proxy).";

/** Whether a frame is one by which dev servers tell pages to reload: Vite's `{"type":"connected"}`, webpack's `{"type":"hot"}`. */
export function isDevServer(frame: string): boolean {
  return frame.startsWith('{"type":"');
}
