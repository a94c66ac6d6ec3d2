export {
  channelOf,
  checkChannel,
  checkName,
  checkPlain,
  checkRecipient,
  checkService,
  defaultHandle,
  fillPlaceholders,
  masked,
  randomId,
} from './check-names';
export { closeText, isGoodbye, isRefusing, messageTooBig, normalClosure, policyViolation } from './close-reasons';
export { isName, words } from './commands';
export { devServerAdvice, isDevServer } from './dev-server';
export { type Dialects, echoKey, messageOf, type Speech, type Wire } from './dialect';
export { Envelope } from './envelope';
export { asError, type ErrorCode, type ErrorDetails, isError, isOocsiError, OocsiError, textOf } from './errors';
export { type Expression, readExpression, type Syntax } from './filter-syntax';
export { isCommand, readClaim, splitPassword, trimBlanks } from './handshake';
export { asciiOnly } from './line/client';
export { lineFrames, listLine } from './line/server';
export { createLineSplitter } from './line/splitter';
export {
  type Accept,
  type Adapter,
  type Dialect,
  isLocal,
  isNear,
  type Link,
  type LinkEvents,
  longestFrame,
} from './link';
export {
  type Anything,
  copyMessage,
  copyOf,
  type Data,
  type Encode,
  encodeData,
  firstTooLong,
  type Incoming,
  longestRetention,
  type Message,
  type OutgoingMessage,
  type Posted,
  protocolKey,
  retention,
  type Sendable,
} from './message';
export { bytesOf, channelName } from './names';
export { isSecret } from './passwords';
export { pureDataFrames } from './pure-data/server';
export { dataOf, emptyData, fromMembers, type Member, readData, type ServerData, textData } from './raw-json';
export { createDataReader } from './raw-json-reader';
export { shownRedirect } from './redirect';
export { createRefusal, type Refusal, type RefusalCode, readLongest, readRefusal, refusalOf } from './refusals';
export { isPublic, isReserved, isServersOwn, isSystemChannel, systemChannels, watchedName } from './reserved-names';
export type { ClientRefusal, ServerFrames } from './server-frames';
export { checkForm, type Form, wireName, withPassword } from './subscription';
export { checkFunctions, readFunctions } from './subscription-syntax';
export { createReport, failureOf, type Report, type Unhandled } from './unhandled-errors';
export { errorTextOf, noticeOf, webFrames } from './web/server';
