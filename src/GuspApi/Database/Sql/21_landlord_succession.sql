-- Who stands for each landlord today: the last of its successors, or itself. It is walked from those who have no successor, so each
-- landlord is met once at most and a circle, which writes refuse, could not hold it up.
create or replace view landlord_succession as
  with recursive heir as (
    select siren, siren as current_siren from landlord where successor_siren is null
    union all
    select l.siren, h.current_siren from heir h join landlord l on l.successor_siren = h.siren
  )
  select l.siren, coalesce(h.current_siren, l.siren) as current_siren from landlord l left join heir h using (siren);
