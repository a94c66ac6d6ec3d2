import type { ServerFrames } from '../server-frames';

/** Pure Data clients, over TCP, that said `NAME;`. */
export const pureDataFrames: ServerFrames = {
  welcome: (name) => `welcome ${name};\n`,
  refusal: ({ message }) => `error (${message});\n`,
  error: (text) => `error (${text});\n`,
  message: (envelope) => envelope.pureData,
  // A `;` in a name would end the answer for Pure Data.
  answer: (text) => `${text.replace(/;/g, ' ')};\n`,
  ping: 'ping;\n',
  bye: 'bye\n',
};
