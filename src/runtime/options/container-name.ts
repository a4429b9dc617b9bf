/** Names of containers. */
import { randomInt } from '../../system/random.ts';
import { badArgument } from './bad-argument.ts';

/** @throws BAD_ARGUMENT for a name that files and tables could not carry. */
export function checkName(name: string): string {
  if (/^[a-zA-Z0-9][a-zA-Z0-9_.-]*$/.test(name)) return name;
  return badArgument('running container create option: names must match [a-zA-Z0-9][a-zA-Z0-9_.-]*: invalid argument');
}

const adjectives = `able airy amber ample azure balmy blithe bold bonny brave breezy bright brisk calm cheery chipper
clever cosy crisp dapper daring deft dewy eager early earnest easy fair fancy fearless fleet fluent fond frank free
fresh gentle gleaming glad golden graceful hale handy happy hardy hearty honest hopeful jolly jovial keen kind lively
loyal lucid lucky mellow merry mighty mild mindful mirthful neat nimble noble patient peppy placid plucky polite proud
quick quiet radiant ready rosy savvy serene sharp silver smooth snug sociable spry steady stout sturdy sunny supple
swift tender thrifty tidy tranquil trusty upbeat vivid warm wise witty zesty`.split(/\s+/);

const nouns = `acorn alder anchor aspen badger beacon beech birch bison brook canyon cedar clover comet condor coral
cove crane creek cypress daisy dolphin dune eagle ember falcon fern finch firefly fjord fox gale gecko ginger glacier
grove gull harbor hare hazel heron hill ibex iris island ivy jay juniper kestrel lagoon lantern lark laurel lemur lilac
linden lotus lynx magpie maple marten meadow mesa moss oak orca oriole osprey otter panda pebble pelican pine plover
poplar prairie puffin quail raven reef ridge river robin rowan sable sage salmon seal sparrow spruce starling summit
swallow swan thistle thrush tulip valley walnut willow wren`.split(/\s+/);

/** A name that nobody has yet. */
export function generateName(isTaken: (name: string) => boolean): string {
  for (let tries = 0; ; tries += 1) {
    const suffix = tries < 10 ? '' : String(randomInt(10 ** Math.min(tries - 9, 9)));
    const name = `${pick(adjectives)}_${pick(nouns)}${suffix}`;
    if (!isTaken(name)) return name;
  }
}

function pick(words: readonly string[]): string {
  return words[randomInt(words.length)] ?? '';
}
