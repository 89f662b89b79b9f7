-- The keys of images (@images), as the triggers write them: of each its columns @columns.
select trktr.key_of(i.image::json, @columns::text[])
from unnest(@images::text[]) with ordinality as i (image, n)
order by i.n
