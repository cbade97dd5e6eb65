-- Territories and the nomenclature have no versions, but a change of them is a write like another: it gets its revision, by whatever path.
create or replace function note_write() returns trigger language plpgsql as $$
begin
  if exists (select from touched) then
    perform current_change_set();
  end if;
  return null;
end
$$;

do $$
declare
  noted text;
begin
  foreach noted in array array['region', 'department', 'epci', 'commune', 'axis', 'theme'] loop
    execute format('create or replace trigger note_insert after insert on %I referencing new table as touched for each statement execute function note_write()', noted);
    execute format('create or replace trigger note_update after update on %I referencing new table as touched for each statement execute function note_write()', noted);
    execute format('create or replace trigger note_delete after delete on %I referencing old table as touched for each statement execute function note_write()', noted);
  end loop;
end
$$;
