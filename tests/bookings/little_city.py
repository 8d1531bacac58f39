"""A tiny city of our own invention: 静岡県星見市 with a merged town, numbered towns, look-alikes and two neighbours."""

from __future__ import annotations

from bookings.gazetteer import Gazetteer
from bookings.towns import Town, read_towns

HOME = ("静岡県", "星見市")

CSV = """\
prefecture,city,town,kana,romaji,postal_code,lat,lon,former,koaza
静岡県,星見市,月影町,ツキカゲチョウ,Tsukikagecho,4370001,34.7000,138.0000,,
静岡県,星見市,北月影町,キタツキカゲチョウ,Kitatsukikagecho,4370002,34.7100,138.0000,,
静岡県,星見市,若竹一丁目,ワカタケ１チョウメ,Wakatake1chome,4370003,34.7010,138.0110,,
静岡県,星見市,若竹二丁目,ワカタケ２チョウメ,Wakatake2chome,4370003,34.7020,138.0120,,
静岡県,星見市,若竹町,ワカタケチョウ,Wakatakecho,4370004,34.7030,138.0130,,
静岡県,星見市,風ケ丘,カゼガオカ,Kazegaoka,4370005,34.7040,138.0140,,
静岡県,星見市,朝市町,アサイチチョウ,Asaichicho,4370006,34.7050,138.0150,,
静岡県,星見市,深沢町清水,フカザワチョウシミズ,Fukazawachoshimizu,4371101,34.8000,138.1000,深沢町,
静岡県,星見市,深沢町清水,フカザワチョウシミズ,Fukazawachoshimizu,4371101,34.8050,138.1050,深沢町,奥屋敷
静岡県,星見市,深沢町月影,フカザワチョウツキカゲ,Fukazawachotsukikage,4371102,34.8100,138.1100,深沢町,
静岡県,星見市,五十鈴町,イスズチョウ,Isuzucho,4370007,34.7060,138.0160,,
静岡県,海鳴市,渚町,ナギサチョウ,Nagisacho,4380001,34.6000,138.3000,,
静岡県,東雲郡霧里町,大谷,オオタニ,Otani,4390001,34.9000,138.2000,,
"""


def towns() -> tuple[Town, ...]:
    """The thirteen rows as towns."""
    return read_towns(CSV.encode(), name="little.csv")


def gazetteer() -> Gazetteer:
    """The index over them with 星見市 as home."""
    return Gazetteer(towns(), HOME)
