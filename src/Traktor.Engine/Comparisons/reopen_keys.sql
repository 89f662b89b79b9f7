-- Takes back the verdicts of differences of comparison @id: of some (@keys), of a table (@schema, @name), or of all.
update trktr.comparison_key
set verdict = null,
    confirmed = 0
where task_id = @id
  and verdict = 'different'
  and (@keys::bigint[] is null or id = any (@keys))
  and (@schema::text is null or schema_name = @schema and table_name = @name)
