import { sql } from 'kysely';
import type { Db } from '#lib/server/db/connect.ts';

/** How the tables are made: columns, constraints, indexes, functions, triggers and whether they are on. */
export async function tableForms(db: Db): Promise<string[]> {
	const { rows } = await sql<{ form: string }>`
		select format('%s %s', conrelid::regclass, pg_get_constraintdef(oid)) as form
		from pg_constraint where connamespace = 'public'::regnamespace and contype <> 'n'
		union all select format('%s.%s %s%s %s', attrelid::regclass, attname,
			format_type(atttypid, atttypmod), case when attnotnull then ' not null' end,
			pg_get_expr(adbin, adrelid))
		from pg_attribute join pg_class on pg_class.oid = attrelid
		left join pg_attrdef on adrelid = attrelid and adnum = attnum
		where relnamespace = 'public'::regnamespace and relkind in ('r', 'p', 'v') and attnum > 0
			and not attisdropped
		union all select indexdef from pg_indexes where schemaname = 'public'
		union all select format('%s %s', oid::regprocedure, md5(prosrc)) from pg_proc
		where pronamespace = 'public'::regnamespace
		union all select format('%s %s %s', tgrelid::regclass, tgname, tgenabled) from pg_trigger
		where not tgisinternal order by 1`.execute(db);
	return rows.map(({ form }) => form);
}
