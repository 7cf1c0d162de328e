/** The code under test, as modules: the real one, or a copy that holds a deliberate bug. */
import type * as Errors from '../../../src/domain/errors.ts';
import type * as Message from '../../../src/domain/message.ts';
import type * as ChangeLog from '../../../src/infrastructure/change-log.ts';
import type * as Retention from '../../../src/infrastructure/retention.ts';
import type * as GroupCommit from '../../../src/infrastructure/sqlite/group-commit.ts';
import type * as FrameCache from '../../../src/service/delivery/frame-cache.ts';
import type * as Service from '../../../src/service/websocket-service.ts';

/** Sees the frame cache that the service keeps to itself. */
interface CacheWatch {
  /** Bytes in the cache that was filled last. */
  bytes(): number;
  /** A new process has a new cache. */
  reset(): void;
}

export interface Subject {
  readonly RealtimeError: typeof Errors.RealtimeError;
  readonly WebSocketMessage: typeof Message.WebSocketMessage;
  readonly SqlChangeLog: typeof ChangeLog.SqlChangeLog;
  readonly Retention: typeof Retention.Retention;
  readonly GroupCommit: typeof GroupCommit.GroupCommit;
  readonly WebSocketService: typeof Service.WebSocketService;
  readonly cache: CacheWatch;
}

/** @param sources folder of the code, as a URL that ends with a slash. */
export async function loadSubject(sources: URL): Promise<Subject> {
  const { RealtimeError }: typeof Errors = await load(sources, 'domain/errors.ts');
  const { WebSocketMessage }: typeof Message = await load(sources, 'domain/message.ts');
  const { SqlChangeLog }: typeof ChangeLog = await load(sources, 'infrastructure/change-log.ts');
  const { Retention: retention }: typeof Retention = await load(sources, 'infrastructure/retention.ts');
  const { GroupCommit: groupCommit }: typeof GroupCommit = await load(sources, 'infrastructure/sqlite/group-commit.ts');
  const { WebSocketService }: typeof Service = await load(sources, 'service/websocket-service.ts');
  const { FrameCache: frameCache }: typeof FrameCache = await load(sources, 'service/delivery/frame-cache.ts');
  return {
    RealtimeError,
    WebSocketMessage,
    SqlChangeLog,
    Retention: retention,
    GroupCommit: groupCommit,
    WebSocketService,
    cache: watch(frameCache),
  };
}

/** The code as it is. */
export function realSubject(): Promise<Subject> {
  return loadSubject(new URL('../../../src/', import.meta.url));
}

function load<Module>(sources: URL, path: string): Promise<Module> {
  return import(new URL(path, sources).href);
}

/** Notes which cache was filled last, and leaves what it does as it is. */
function watch({ prototype }: typeof FrameCache.FrameCache): CacheWatch {
  const { append, fill } = prototype;
  let newest: FrameCache.FrameCache | undefined;
  prototype.append = function (...args) {
    newest = this;
    append.apply(this, args);
  };
  prototype.fill = function (...args) {
    newest = this;
    fill.apply(this, args);
  };
  return {
    bytes: () => newest?.bytes ?? 0,
    reset: () => {
      newest = undefined;
    },
  };
}
