export { createScriptedAdapter, type ScriptedAdapter } from '../../src/testing/scripted-adapter';
