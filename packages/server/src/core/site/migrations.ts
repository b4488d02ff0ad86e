import { sql } from 'kysely';
import type { Migration } from '../../storage/index.ts';

/** What a draft will do when it is published; `published`: nothing, agents see it as it is. */
export type ItemState = 'new' | 'changed' | 'removed' | 'published';

/** A redirect (`address` is its source, `value` its target, `label` its status) or a page (path, content, content type). */
interface ItemColumns {
  site_id: string;
  kind: 'redirect' | 'page';
  /** Counts up within its site and is never used twice: agents read in this order. */
  number: number;
  type: string;
  address: string;
  value: string;
  label: string;
}

declare module '../../storage/database.ts' {
  interface Tables {
    namespace: {
      id: string;
      project_id: string;
      code: string;
      name: string;
      created_at: number;
      updated_at: number;
    };
    site: {
      id: string;
      project_id: string;
      namespace_id: string;
      code: string;
      name: string;
      version: number;
      /** The highest number an item of it ever had. */
      last_number: number;
      /** Of the drafts, which are what the limits are about. */
      redirects: number;
      pages: number;
      page_bytes: number;
      /** Of what agents see. */
      published_redirects: number;
      published_pages: number;
      created_at: number;
      updated_at: number;
      published_at: number | null;
    };
    /** What is edited. */
    site_item: ItemColumns & { state: ItemState; bytes: number; updated_at: number };
    /** What agents see: a copy, so that no draft can be read by them whatever a query forgets. */
    published_item: ItemColumns;
    agent: {
      site_id: string;
      name: string;
      type: string;
      version: number;
      status: string;
      /** Nanoseconds. */
      load_duration: number;
      error: string;
      created_at: number;
      last_hit_at: number;
    };
  }
}

export const siteMigrations: readonly Migration[] = [
  {
    name: '2026-11-22-55-site',
    async up(tx, { text, instant, integer }) {
      await tx.schema
        .createTable('namespace')
        .addColumn('id', text, (column) => column.primaryKey())
        .addColumn('project_id', text, (column) => column.notNull().references('project.id'))
        .addColumn('code', text, (column) => column.notNull())
        .addColumn('name', text, (column) => column.notNull())
        .addColumn('created_at', instant, (column) => column.notNull())
        .addColumn('updated_at', instant, (column) => column.notNull())
        .addUniqueConstraint('namespace_by_code', ['project_id', 'code'])
        .execute();
      await tx.schema
        .createTable('site')
        .addColumn('id', text, (column) => column.primaryKey())
        .addColumn('project_id', text, (column) => column.notNull().references('project.id'))
        .addColumn('namespace_id', text, (column) =>
          column.notNull().references('namespace.id').onDelete('cascade'),
        )
        .addColumn('code', text, (column) => column.notNull())
        .addColumn('name', text, (column) => column.notNull())
        .addColumn('version', instant, (column) => column.notNull())
        .addColumn('last_number', integer, (column) => column.notNull())
        .addColumn('redirects', integer, (column) => column.notNull())
        .addColumn('pages', integer, (column) => column.notNull())
        .addColumn('page_bytes', instant, (column) => column.notNull())
        .addColumn('published_redirects', integer, (column) => column.notNull())
        .addColumn('published_pages', integer, (column) => column.notNull())
        .addColumn('created_at', instant, (column) => column.notNull())
        .addColumn('updated_at', instant, (column) => column.notNull())
        .addColumn('published_at', instant)
        .addUniqueConstraint('site_by_code', ['namespace_id', 'code'])
        .execute();
      await tx.schema
        .createTable('site_item')
        .addColumn('site_id', text, (column) => column.notNull().references('site.id').onDelete('cascade'))
        .addColumn('kind', text, (column) => column.notNull())
        .addColumn('number', integer, (column) => column.notNull())
        .addColumn('type', text, (column) => column.notNull())
        .addColumn('address', text, (column) => column.notNull())
        .addColumn('value', text, (column) => column.notNull())
        .addColumn('label', text, (column) => column.notNull())
        .addColumn('state', text, (column) => column.notNull())
        .addColumn('bytes', integer, (column) => column.notNull())
        .addColumn('updated_at', instant, (column) => column.notNull())
        .addPrimaryKeyConstraint('site_item_key', ['site_id', 'kind', 'number'])
        .execute();
      // What is to be removed makes room for another of the same address at once.
      await tx.schema
        .createIndex('site_item_by_address')
        .on('site_item')
        .columns(['site_id', 'kind', 'address', 'type'])
        .unique()
        .where(sql.ref('state'), '!=', 'removed')
        .execute();
      await tx.schema
        .createIndex('site_item_unpublished')
        .on('site_item')
        .columns(['site_id', 'kind', 'number'])
        .where(sql.ref('state'), '!=', 'published')
        .execute();
      await tx.schema
        .createTable('published_item')
        .addColumn('site_id', text, (column) => column.notNull().references('site.id').onDelete('cascade'))
        .addColumn('kind', text, (column) => column.notNull())
        .addColumn('number', integer, (column) => column.notNull())
        .addColumn('type', text, (column) => column.notNull())
        .addColumn('address', text, (column) => column.notNull())
        .addColumn('value', text, (column) => column.notNull())
        .addColumn('label', text, (column) => column.notNull())
        .addPrimaryKeyConstraint('published_item_key', ['site_id', 'kind', 'number'])
        .execute();
      await tx.schema
        .createTable('agent')
        .addColumn('site_id', text, (column) => column.notNull().references('site.id').onDelete('cascade'))
        .addColumn('name', text, (column) => column.notNull())
        .addColumn('type', text, (column) => column.notNull())
        .addColumn('version', instant, (column) => column.notNull())
        .addColumn('status', text, (column) => column.notNull())
        .addColumn('load_duration', instant, (column) => column.notNull())
        .addColumn('error', text, (column) => column.notNull())
        .addColumn('created_at', instant, (column) => column.notNull())
        .addColumn('last_hit_at', instant, (column) => column.notNull())
        .addPrimaryKeyConstraint('agent_key', ['site_id', 'name'])
        .execute();
    },
  },
];
