import { execFileSync } from 'node:child_process';
import { missing, needs } from '../../../../../test/support/needs.ts';

/** Ways in which a link may go. In all of them neither side is told: packets just do not arrive. */
export const CUTS = ['at the client', 'at the server', 'towards the server', 'towards the client'] as const;
export type Cut = (typeof CUTS)[number];

/** An address of hardware that nobody has: what is sent to it is lost. */
const NOBODY = '02:00:00:00:00:99';

/** What starts and ends a cut, as arguments for `ip`. */
interface Steps {
  readonly cut: readonly string[];
  readonly mend: readonly string[];
}

const program = needs('ip');
let links = 0;

/**
 * A network of its own with one machine in it, linked to this one by a cable that can be cut: a network namespace and a pair of virtual
 * Ethernet devices of Linux. Needs the right to make them.
 */
export class NetworkLink {
  /** This machine's address on the link, and that of the machine on the far side. */
  readonly here: string;
  readonly there: string;
  readonly #namespace: string;
  readonly #near: string;
  readonly #far: string;

  /** Whether links can be made here; where not, the run says so, and with `CI` set it fails. */
  static possible(): boolean {
    if (program === undefined) return false;
    try {
      new NetworkLink().remove();
      return true;
    } catch {
      return missing('the right to make network namespaces') !== undefined;
    }
  }

  constructor() {
    links += 1;
    const name = `fr${process.pid}n${links}`;
    this.#namespace = name;
    this.#near = `${name}h`;
    this.#far = `${name}t`;
    // 198.18.0.0/15 is set apart for tests of networks (RFC 2544).
    const place = (process.pid * 16 + links) % 32_768;
    const network = `198.${18 + (place >> 14)}.${(place >> 6) & 255}`;
    this.here = `${network}.${(place & 63) * 4 + 1}`;
    this.there = `${network}.${(place & 63) * 4 + 2}`;
    ip('netns', 'add', name);
    try {
      ip('link', 'add', this.#near, 'type', 'veth', 'peer', 'name', this.#far, 'netns', name);
      ip('address', 'add', `${this.here}/30`, 'dev', this.#near);
      ip('-n', name, 'address', 'add', `${this.there}/30`, 'dev', this.#far);
      ip('link', 'set', this.#near, 'up');
      ip('-n', name, 'link', 'set', this.#far, 'up');
    } catch (error) {
      this.remove();
      throw error;
    }
  }

  /** What to put before a command for it to run on the far side, in the same process. */
  get onFarSide(): readonly string[] {
    return [String(program), 'netns', 'exec', this.#namespace];
  }

  cut(how: Cut): void {
    ip(...this.#steps(how).cut);
  }

  mend(how: Cut): void {
    ip(...this.#steps(how).mend);
  }

  /** Takes it all away; the devices go with the namespace once nobody runs there. */
  remove(): void {
    ip('netns', 'delete', this.#namespace);
  }

  #steps(how: Cut): Steps {
    const far = ['-n', this.#namespace];
    switch (how) {
      case 'at the client':
        return { cut: [...far, 'link', 'set', this.#far, 'down'], mend: [...far, 'link', 'set', this.#far, 'up'] };
      case 'at the server':
        return { cut: ['link', 'set', this.#near, 'down'], mend: ['link', 'set', this.#near, 'up'] };
      case 'towards the server':
        return lost(far, this.here, this.#far);
      case 'towards the client':
        return lost([], this.there, this.#near);
    }
  }
}

/** Has everything that goes to an address lost on its way. */
function lost(where: readonly string[], address: string, device: string): Steps {
  return {
    cut: [...where, 'neighbour', 'replace', address, 'lladdr', NOBODY, 'dev', device, 'nud', 'permanent'],
    mend: [...where, 'neighbour', 'delete', address, 'dev', device],
  };
}

/** Throws where the program fails. */
function ip(...args: string[]): void {
  execFileSync(String(program), args, { stdio: 'pipe' });
}
