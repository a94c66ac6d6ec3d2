import type { Plugin } from 'rollup';
import { nameAlike } from './alike';
import { onlyArrows } from './arrows';
import { choose, type Effort } from './choose';
import { Draft } from './draft';
import { internalIn } from './internal';
import { recallNames, recallOrder, remember } from './memory';
import { readNames } from './names';
import { Layout } from './order';
import { join } from './pieces';
import { onlyLet, onlyTemplates } from './spelling';

/** Before Terser: what it can use. */
export const plain: Plugin = {
  name: 'plain',
  // The length stays, and with it the source map.
  renderChunk: (code) => ({ code: onlyLet(code), map: null }),
};

/** Between two runs of Terser: the first one puts functions first, the second one joins them with other variables. */
export const arrows: Plugin = {
  name: 'arrows',
  renderChunk: (code) => join(code, onlyArrows(code)),
};

/**
 * After Terser: gives variables and internal properties names that repeat what stands there already, and puts functions
 * that are alike next to each other, as gzip writes only once what repeats. Terser's own names are as short, but each
 * function has them in an order of its own.
 */
export const named = (effort: Effort, isNoted: boolean): Plugin => ({
  name: 'named',
  renderChunk(terse) {
    const code = onlyTemplates(terse.trimEnd());
    const { names, places } = readNames(code, internalIn(code));
    const layout = new Layout(code);
    const draft = new Draft(code, names, places, layout.ranges().flat());
    const found = recallNames(draft);
    nameAlike(draft, found);
    recallOrder(layout);
    draft.arrange(layout.ranges());
    // Where everything was found before, there is nothing to look for.
    if (isNoted || found.size < names.length)
      choose(draft, layout, found.size > 0 ? effort : { ...effort, quick: 100_000 });
    if (isNoted) remember(draft, layout);
    return join(code, draft.pieces());
  },
});
