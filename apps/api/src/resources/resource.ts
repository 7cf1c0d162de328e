import type { Transaction, WebSocketManager } from '@friday/realtime';
import type { ErrorTable } from '../domain/errors.ts';
import type { Clock, UnitOfWork } from '../domain/ports.ts';
import type { Migration } from '../infrastructure/database/migrate.ts';
import type { Database } from '../infrastructure/database/sqlite-database.ts';
import type { Router } from '../routers/app-instance.ts';
import type { TakePosition } from '../routers/position.ts';
import type { Dependents } from '../services/dependents.ts';

/** What every resource is built from. */
export interface ResourceDeps {
  readonly database: Database;
  readonly unitOfWork: UnitOfWork<Transaction>;
  readonly notifications: WebSocketManager;
  readonly dependents: Dependents;
  readonly position: TakePosition;
  readonly clock: Clock;
}

/** Bodies that the contract tests work with. */
export interface ResourceExamples {
  /** A valid body to create with. */
  readonly create: Readonly<Record<string, unknown>>;
  /** A valid body that changes each of its fields, when sent to what `create` made. */
  readonly update: Readonly<Record<string, unknown>>;
}

/** One kind of resource: all that the rest of the application has to know of it. */
export interface Resource {
  /** Stands in notification types, such as `note`. */
  readonly kind: string;
  /** Path of the collection, such as `/v1/notes`. */
  readonly collection: string;
  /** One sentence for the documentation. */
  readonly description: string;
  readonly errors: ErrorTable;
  readonly migrations: readonly Migration[];
  readonly examples: ResourceExamples;
  /** Wires repository, service and router. The router's paths are below `/v1`. */
  build(deps: ResourceDeps): Router;
}
