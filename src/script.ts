// What a page gets with one <script>: all of the client but `memory`, for which a page has no broker.
export { webSocket } from '#platform';
export { connect, createClient } from './connect';
export { isOocsiError, OocsiError } from './protocol/index';
