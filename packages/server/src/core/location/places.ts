import type { Clock } from '../../chance.ts';
import type { Geo } from '../../geo/index.ts';
import type { Queryable, Storage, Transaction } from '../../storage/index.ts';
import type { Actor, Auditor } from '../audit/index.ts';
import type { Origin } from '../origin.ts';
import { holdUser } from '../user/index.ts';
import { deletePlaces, hasPlace, listPlaces, savePlace } from './place-store.ts';

/** What people call a place, in English; Fluxer's `location` (contract 1.7). */
export interface PlaceLabel {
  city: string | null;
  region: string | null;
  country: string | null;
}

export interface Place {
  /** `geo:DE/BE/Berlin`, or a network: the /24 of an IPv4 address, the /64 of an IPv6 one (D12). */
  key: string;
  /** Null for an address the operator's file does not know, or without such a file. */
  label: PlaceLabel | null;
}

export interface AuthorisedPlace extends Place {
  createdAt: number;
  lastUsedAt: number;
}

/** As much of an origin as its place depends on; a stored session has it too. */
type Whereabouts = Pick<Origin, 'address' | 'network'>;

interface Made {
  userId: string;
  /** Null for an account without a mailbox. */
  email: object | null;
  isMultiFactor: boolean;
  madeAt: Whereabouts;
}

export interface Places {
  placeOf(from: Whereabouts): Place;
  /** Whether the user may sign in from here without approving it first. */
  isAuthorised(db: Queryable, userId: string, origin: Whereabouts): Promise<boolean>;
  /**
   * Whether a session that was handed out without a word about its place was made where its owner would have had to
   * approve it: by one proof, and the account does not know the place. As at the gate two factors are enough anywhere,
   * and without a mailbox nobody could approve anything.
   */
  isUnapproved(session: Made): Promise<boolean>;
  /** From now on the user may; authorising again notes one more use. */
  authorise(tx: Transaction, userId: string, origin: Origin): Promise<void>;
  /** Newest use first. */
  list(userId: string): Promise<AuthorisedPlace[]>;
  /** Takes one place back, or all of them; returns how many there were. */
  forget(tx: Transaction, userId: string, key?: string): Promise<number>;
  /** Takes all of a user's places back at the user's own wish (contract 1.9). */
  forgetAll(of: { projectId: string; userId: string; actor: Actor }): Promise<void>;
}

/** A place in words, for mails and pages: as much as is known of it, else the network. */
export function placeText({ key, label }: Place): string {
  const parts = label ? [label.city, label.region, label.country].filter((part) => part !== null) : [];
  return parts.length > 0 ? [...new Set(parts)].join(', ') : key;
}

interface Dependencies {
  storage: Storage;
  clock: Clock;
  geo: Geo;
  audit: Auditor;
  /** `require_new_place_approval`. */
  areAskedAbout: boolean;
}

export function createPlaces({ storage, clock, geo, audit, areAskedAbout }: Dependencies): Places {
  function placeOf({ address, network }: Whereabouts): Place {
    const located = geo.find(address);
    if (!located) return { key: network, label: null };
    const { city, region, country, countryCode, regionCode } = located;
    // Codes where there are any: what places are called changes with releases of the file.
    const parts = [countryCode ?? country, regionCode ?? region, city];
    return {
      key: `geo:${parts.map((part) => encodeURIComponent(part ?? '')).join('/')}`,
      label: { city, region, country: country ?? countryCode },
    };
  }

  // A network that was authorised before a file was named, or was unknown to an older one, stays so.
  function isAuthorised(db: Queryable, userId: string, origin: Whereabouts): Promise<boolean> {
    return hasPlace(db, { userId, key: placeOf(origin).key, network: origin.network });
  }

  return {
    placeOf,
    isAuthorised,
    async isUnapproved({ userId, email, isMultiFactor, madeAt }) {
      if (!areAskedAbout || isMultiFactor || email === null) return false;
      return !(await isAuthorised(storage.db, userId, madeAt));
    },
    async authorise(tx, userId, origin) {
      const { key, label } = placeOf(origin);
      await savePlace(tx, { userId, key, label: label && JSON.stringify(label), at: clock() });
    },
    async list(userId) {
      const rows = await listPlaces(storage.db, userId);
      return rows.map((row) => ({
        ...row,
        label: row.label === null ? null : (JSON.parse(row.label) as PlaceLabel),
      }));
    },
    forget: deletePlaces,
    async forgetAll({ projectId, userId, actor }) {
      await storage.transaction(async (tx) => {
        await holdUser(tx, userId);
        const count = await deletePlaces(tx, userId);
        if (count === 0) return;
        await audit.record(tx, { event: 'places.forgotten', projectId, userId, actor, details: { count } });
      });
    },
  };
}
