### Dutch, as in Belgium. Same keys and variables in all four files: a test compares them.

## What every page carries
service-name = Oproepen aan het publiek
skip-to-content = Naar de inhoud
footer-emergency = Noodgeval: bel { $primary } (politie: { $secondary }).
footer-no-tracking = Deze site plaatst geen cookies en volgt niemand.
link-home = Alle oproepen
link-privacy = Gegevensbescherming
link-return = Ik heb een opvolgcode
link-subscribe = Meldingen ontvangen per e-mail
choose-language = Verder in het Nederlands

## An appeal
call-now = Bel { $number }
call-now-note = Noodnummer, gratis, dag en nacht
call-or = of { $number } (politie)
call-search-line = Lijn opsporingsberichten
ad-contact = Bel { $number }.
have-information = Ik heb een tip
have-information-note = Online, anoniem als u dat wilt
no-comments = Richt u tot de politie: reageer niet in de commentaren.
danger-heading = Treed niet zelf op
danger-text = Mogelijk gevaar. Houd afstand en bel { $number }.
last-seen-heading = Laatst gezien
look-for-heading = Waarop letten
description-heading = Beschrijving
facts-heading = De feiten
what-to-do-heading = Wat u kunt doen
more-pictures-heading = Meer beelden
about-heading = Over deze oproep
label-published = Gepubliceerd
label-updated = Bijgewerkt
label-expires = Geldig tot
label-issued-by = Verspreid door
label-authority = Gerechtelijke toestemming
label-reference = Referentie
label-areas = Betrokken gebied
label-email = E-mail
share-the-address = Deel het adres van de oproep, geen kopieën van de foto’s: de oproep moet kunnen eindigen.
this-appeal-online = Deze oproep online:
feed-link = De oproepen volgen via Atom-feed
question-person = Ziet u deze persoon?
question-identity = Herkent u deze persoon?
question-facts = Hebt u iets gezien of gehoord?
question-vehicle = Ziet u dit voertuig?
question-objects = Herkent u een van deze voorwerpen?
question-heirs = Bent u familie, of kent u de familie?

## A catalogue's lots
lots-heading = { $count ->
    [one] 1 voorwerp
   *[other] { $count } voorwerpen
 }
lot-number = Lot { $number }
lot-claim = Dit voorwerp is van mij
lot-sighting = Ik heb dit voorwerp gezien
lots-proof = Om een voorwerp op te eisen hebt u een eigendomsbewijs nodig: foto, factuur, proces-verbaal, verzekeringsdossier.
lot-state-claimed = Eigendomsclaim in onderzoek
lot-state-returned = Teruggegeven

## An appeal that is over
gone-title = Deze oproep is beëindigd
gone-thanks = Dank aan iedereen die heeft geholpen.
gone-delete = Hebt u foto’s van de oproep bewaard of gedeeld? Verwijder ze a.u.b.

## The page with all appeals
home-title = Lopende oproepen
home-lead = Kijk, en zeg ons wat u weet. Eén detail kan volstaan.
home-none = Er loopt op dit moment geen oproep.
home-subscribe-text = Wij schrijven u wanneer een oproep een plaats van uw keuze betreft.
home-return-text = Hebt u ons al een tip gegeven? Met uw code leest u het antwoord.

## Giving information
respond-title = Een tip geven
respond-about = Betreft: { $title }
respond-urgent = Gevaar, of gebeurt het nu? Schrijf niet: bel.
respond-anonymous-heading = Dit formulier is anoniem
respond-anonymous-text = Wij vragen uw naam niet. Wat u schrijft, wordt bij ontvangst versleuteld en alleen gelezen door de speurders van deze oproep. Schrijf niet wie u bent als u niet wilt dat zij het weten.
respond-after = Na het versturen krijgt u een code. Daarmee kunt u ons antwoord lezen en uw bericht aanvullen.
respond-send = Versturen naar de speurders
field-kind = Soort informatie
field-what = Wat weet u?
field-what-hint = In uw eigen woorden. Een klein detail kan tellen.
field-what-claim-hint = Beschrijf het voorwerp en zeg welk eigendomsbewijs u hebt.
field-where = Waar?
field-where-hint = Adres, winkel, halte, richting: zo precies mogelijk
field-when = Wanneer?
field-when-hint = Bijvoorbeeld: vandaag rond 14.30 uur
field-files = Foto’s of documenten
field-files-hint = Maximaal 5 bestanden van elk 25 MB: foto’s (JPEG, PNG, WebP), PDF, video en geluid in MP4. Het oorspronkelijke bestand wordt versleuteld bewaard als bewijs; het kan plaats en tijdstip van de opname bevatten.
optional = (facultatief)
required = (verplicht)
contact-summary = Uw contactgegevens achterlaten (facultatief)
contact-text = Alleen als u ermee instemt dat de speurders u contacteren. U bent dan niet langer anoniem voor hen.
field-contact-name = Naam
field-contact-phone = Telefoon
field-email = E-mailadres
response-tip = Tip: ik weet iets
response-sighting = Waarneming: ik heb de persoon, het voertuig of het voorwerp gezien
response-claim = Eigendomsclaim: het voorwerp is van mij
response-identification = Identificatie: ik herken de persoon of het voorwerp
response-self-report = Het gaat over mij: ik ben de gezochte persoon
response-distress = Iemand is in gevaar en heeft nu hulp nodig
response-illegal-content = Ik meld illegale inhoud

## What is wrong with a form
mistakes-heading = Te verbeteren
mistake-empty = Dit veld is nog leeg.
mistake-long = Maximaal { $limit } tekens.
mistake-email = Dit is geen e-mailadres.
mistake-choice = Kies een van de mogelijkheden.
mistake-place = Wij kennen deze plaats niet. Probeer een gemeente of een postcode.
mistake-code = Wij kennen deze code niet. Controleer de 24 tekens.
mistake-file-empty = Dit bestand is leeg.
mistake-file-large = Een bestand is groter dan 25 MB, of alle samen groter dan 32 MB. Kies uw bestanden opnieuw.
mistake-file-many = Maximaal 5 bestanden. Kies uw bestanden opnieuw.
mistake-file-kind = Dit soort bestand wordt niet aanvaard. Stuur foto’s in JPEG, PNG of WebP, een PDF of een MP4.
mistake-file-pixels = Deze foto is te groot: maximaal 50 megapixels.
mistake-file-broken = Deze foto is beschadigd of onvolledig. Stuur ze opnieuw.
mistake-stale = Dit formulier stond te lang open. Uw tekst staat er nog: verstuur hem opnieuw.

## The receipt and the way back
receipt-title = Uw bericht is ontvangen
receipt-thanks = Dank u. De speurders zullen het lezen.
receipt-code = Uw opvolgcode
receipt-write-down = Schrijf deze code nu op, of druk deze pagina af.
receipt-once = De code verschijnt maar één keer. Niemand kan hem u opnieuw geven.
receipt-use = Daarmee kunt u ons antwoord lezen en uw bericht aanvullen, zonder te zeggen wie u bent.
receipt-address = Waar u de code invoert:
receipt-urgent = Berichten worden niet meteen gelezen. Gebeurt er nu iets, bel dan { $number }.
receipt-night = Het is nacht: uw bericht wordt gelezen vanaf 6 uur. Gebeurt er nu iets, bel dan { $number } of { $other }.
receipt-illegal = Wat u meldt, gaat naar de bevoegde dienst en wordt niet verspreid of getoond. Stuur geen illegale beelden: een adres of beschrijving volstaat.
return-title = Terugkomen met uw code
return-text = Voer de 24 tekens van de opvolgcode in. Spaties en hoofdletters spelen geen rol.
return-lost = Een verloren code kan niet worden teruggevonden, ook niet door ons. U kunt altijd een nieuw bericht sturen.
field-code = Opvolgcode
return-open = Mijn bericht openen
thread-title = Uw bericht
thread-state = Stand van zaken
thread-claim-question = Lot { $number }: om na te gaan of dit voorwerp van u is, vragen wij u dit te beantwoorden:
thread-claim-accepted = Lot { $number }: uw aanvraag is aanvaard. Wij nemen hier contact op voor de teruggave.
thread-claim-rejected = Lot { $number }: uw aanvraag is niet aanvaard. U kunt hier antwoorden als u andere bewijzen hebt.
thread-you = U
thread-police = De speurders
thread-add = Uw bericht aanvullen
thread-send = Versturen
thread-added = Uw aanvulling is ontvangen.
thread-closed = Dit bericht is afgesloten. Weet u iets nieuws, antwoord dan opnieuw op de oproep.
thread-ended = De oproep is afgelopen. Bedankt dat u de tijd nam om te antwoorden. Uit respect voor de betrokkenen zeggen we er niet meer over.
thread-leave = Sluit deze pagina wanneer u klaar bent, zeker op een gedeeld toestel.
state-received = Ontvangen, nog niet gelezen
state-being-read = Wordt gelezen
state-answered = Beantwoord
state-closed = Afgesloten

## Alerts by e-mail
subscribe-lead = Wij schrijven u alleen wanneer een oproep de plaats betreft die u kiest.
field-language = Taal van de meldingen
field-place = Plaats
field-place-hint = Gemeente of postcode, bijvoorbeeld Gent of 9000
subscribe-candidates = Welke plaats bedoelt u?
subscribe-data = Wij bewaren drie dingen: uw adres, uw taal en één cel van de kaart van ongeveer 0,015 km². Niets anders.
subscribe-send = Inschrijven
check-mail-title = Kijk in uw mailbox
check-mail-text = Als het adres juist is, is er een bericht met een link onderweg. De meldingen beginnen pas na uw bevestiging, binnen { $hours } uur.
check-mail-spam = Niets na tien minuten? Kijk bij de ongewenste berichten.
confirm-title = Bevestig uw inschrijving
confirm-text = Laatste stap: druk op de knop en de meldingen beginnen.
confirm-button = Bevestigen
confirmed-title = U bent ingeschreven
confirmed-text = Dank u om mee uit te kijken. Elk bericht bevat een link om te stoppen.
unsubscribe-title = De meldingen stopzetten
unsubscribe-text = Druk op de knop: u krijgt geen meldingen meer, en uw adres, uw taal en uw cel worden gewist.
unsubscribe-button = Stoppen en wissen
unsubscribed-title = De meldingen zijn stopgezet
unsubscribed-text = Uw adres, uw taal en uw cel zijn gewist. Dank u om mee uit te kijken.
language-fr = Frans
language-nl = Nederlands
language-de = Duits
language-en = Engels

## Data protection
privacy-controller = { $operator } is verantwoordelijk voor de gegevens op deze pagina. Contact: { $contact }.
privacy-alerts-heading = Als u meldingen ontvangt
privacy-alerts-what = Wij bewaren uw e-mailadres, uw taal en één cel van de kaart van ongeveer 0,015 km² (H3, resolutie 10). De plaats die u hebt ingetypt of een andere positie bewaren wij niet.
privacy-alerts-why = Alleen om u de oproepen te sturen die deze plaats betreffen, met uw toestemming (artikel 6, lid 1, onder a), van de AVG). Wij geven deze gegevens aan niemand.
privacy-alerts-until = Tot u de meldingen stopzet: elk bericht bevat de link. Een adres dat niet binnen { $hours } uur wordt bevestigd, wordt gewist.
privacy-responses-heading = Als u een tip geeft
privacy-responses-what = Wat u schrijft, wordt bij ontvangst versleuteld. Alleen de speurders van de oproep kunnen het lezen, en de bevoegde magistraat kan het voor het dossier ontvangen.
privacy-responses-until = Het wordt bewaard zolang het dossier en de wet dat vereisen, en daarna gewist. De regels zijn die voor gegevens van politie en justitie (Richtlijn (EU) 2016/680).
privacy-site-heading = Als u alleen bezoekt
privacy-site-what = Geen cookies, geen statistieken over personen, niets dat van andere sites komt. Uw netwerkadres dient alleen om de pagina te leveren en misbruik tegen te gaan; het wordt niet gekoppeld aan wat u verstuurt.
privacy-rights-heading = Uw rechten
privacy-rights-text = U kunt vragen om uw gegevens in te zien, te verbeteren of te wissen, het gebruik ervan te beperken of ze mee te nemen, en uw toestemming op elk moment intrekken. Schrijf naar { $contact }.
privacy-rights-complaint = U kunt een klacht indienen bij de toezichthoudende autoriteit: { $supervisor }.

## When a page cannot be shown
error-not-found-title = Deze pagina bestaat niet
error-not-found-text = Misschien is het adres verkeerd getypt, of is de oproep beëindigd.
error-link-title = Deze link werkt niet meer
error-link-text = Hij is al gebruikt of verlopen. U kunt zich opnieuw inschrijven.
error-busy-title = Te veel pogingen
error-busy-text = Wacht enkele minuten en probeer opnieuw.
error-broken-title = Er ging bij ons iets mis
error-broken-text = Het is genoteerd. Probeer over enkele minuten opnieuw.
error-away-title = De dienst is even niet beschikbaar
error-away-text = Probeer over enkele minuten opnieuw.
error-call = Een tip die niet kan wachten? Bel { $number }.

## Mails
mail-appeal-subject = { $kind } – { $title }
mail-open = De oproep online bekijken
mail-why = U ontvangt dit bericht omdat u meldingen voor een plaats hebt gevraagd.
mail-no-reply = Antwoord niet op dit bericht: niemand leest de antwoorden.
mail-correction-subject = Oproep ingetrokken: verwijder a.u.b. de foto’s
mail-correction-text = Een oproep die wij u stuurden op { $day } is ingetrokken. Deze mag niet meer worden gedeeld.
mail-correction-delete = Verwijder a.u.b. dat bericht en de foto’s, en haal weg wat u hebt gedeeld.
mail-correction-silence = Uit respect voor de betrokkenen herhalen wij geen namen of omstandigheden.
mail-closure-found-subject = Persoon teruggevonden, dank u
mail-closure-found-text = De persoon gezocht in een oproep die wij u stuurden op { $day } is teruggevonden. Dank u om mee uit te kijken.
mail-closure-ended-subject = Einde van het alarm
mail-closure-ended-text = Een oproep die wij u stuurden op { $day } is beëindigd. Dank u om mee uit te kijken.
mail-confirm-text = Iemand, waarschijnlijk u, heeft op dit adres meldingen gevraagd. Bevestig met deze link:
mail-confirm-until = De link werkt { $hours } uur.
mail-confirm-otherwise = Was u het niet? Doe niets: het adres wordt gewist en wij schrijven niet meer.

## Kinds of appeal, as headings
kind-missing-adult = Onrustwekkende verdwijning
kind-missing-minor = Onrustwekkende verdwijning van een minderjarige
kind-child-alert = Alarm: kind in gevaar
kind-wanted-suspect = Opsporingsbericht: verdachte
kind-wanted-convict = Opsporingsbericht: voortvluchtige veroordeelde
kind-unknown-suspect = Opsporingsbericht: persoon te identificeren
kind-witness = Getuigenoproep
kind-vehicle = Voertuig gezocht
kind-unidentified-person = Niet-geïdentificeerde persoon
kind-objects-stolen = Gestolen voorwerpen gezocht
kind-objects-found = Teruggevonden voorwerpen: eigenaars gezocht
kind-heirs-sought = Erfgenamen gezocht

## Facts of a description and their values
labelled = { $label }: { $value }
fact-name = Naam
fact-alias = Ook gekend als
fact-age = Leeftijd
fact-sex = Geslacht
fact-height = Lengte
fact-build = Lichaamsbouw
fact-hair = Haar
fact-eyes = Ogen
fact-clothing = Kledij
fact-belongings = Meegenomen voorwerpen
fact-marks = Bijzondere kenmerken
fact-languages = Gesproken talen
fact-last-seen = Laatst gezien
fact-place = Plaats
fact-date = Datum
fact-direction = Richting
fact-offence = Feiten
fact-vehicle = Voertuig
fact-plate = Nummerplaat
fact-make = Merk
fact-model = Model
fact-colour = Kleur
fact-object = Voorwerp
fact-artist = Kunstenaar
fact-object-title = Titel
fact-material = Materiaal en techniek
fact-dimensions = Afmetingen
fact-inscriptions = Opschriften en merktekens
fact-period = Periode
fact-origin = Herkomst
value-years = { $years } jaar
value-metres = { $metres },{ $rest } m
sex-female = vrouwelijk
sex-male = mannelijk
sex-other = andere
build-slim = slank
build-medium = normaal
build-strong = stevig
build-heavy = zwaarlijvig
hair-black = zwart
hair-brown = bruin
hair-blond = blond
hair-red = ros
hair-grey = grijs
hair-white = wit
hair-bald = kaal
hair-dyed = geverfd
eyes-brown = bruin
eyes-blue = blauw
eyes-green = groen
eyes-grey = grijs
eyes-other = andere kleur
vehicle-car = personenwagen
vehicle-van = bestelwagen
vehicle-lorry = vrachtwagen
vehicle-motorcycle = motorfiets
vehicle-bicycle = fiets
vehicle-boat = boot
vehicle-other = ander voertuig
colour-black = zwart
colour-white = wit
colour-grey = grijs
colour-silver = zilverkleurig
colour-blue = blauw
colour-red = rood
colour-green = groen
colour-yellow = geel
colour-orange = oranje
colour-brown = bruin
colour-beige = beige
colour-purple = paars
colour-other = andere kleur

## Days and times
date-day = { $weekday } { $day } { $month } { $year }
date-moment = { $day } om { $hour }.{ $minute } uur
month-1 = januari
month-2 = februari
month-3 = maart
month-4 = april
month-5 = mei
month-6 = juni
month-7 = juli
month-8 = augustus
month-9 = september
month-10 = oktober
month-11 = november
month-12 = december
weekday-1 = maandag
weekday-2 = dinsdag
weekday-3 = woensdag
weekday-4 = donderdag
weekday-5 = vrijdag
weekday-6 = zaterdag
weekday-7 = zondag
audit-mail-subject = Controlepunt { $number } van het auditspoor
audit-mail-text = Het auditspoor telde { $size } inschrijvingen op { $at }. Bewaar deze mail: wie het spoor nadien wijzigt, kan de regel hieronder niet wijzigen. Bewaar de regel in een bestand en vergelijk met: tocsin audit verify --checkpoint BESTAND

duty-subject = Aandacht vereist: { $object }
duty-review-overdue = Het nazicht na de spoed van oproep { $object } is te laat sinds: { $at }.
duty-takedown-overdue = Een verwijdering van oproep { $object } staat na vijf minuten nog open ({ $at }).
duty-money-drift = Een advertentie van oproep { $object } is niet zoals besteld: bekijk de campagnes en het budget ({ $at }).
duty-oral-due = Mondelinge beslissing { $object } wacht op haar schriftelijk stuk. Zonder dat stuk verdwijnt wat erop steunt: { $at }.
duty-oral-lapsing = Mondelinge beslissing { $object } vervalt bijna: het schriftelijk stuk ontbreekt. Wat erop steunt, verdwijnt: { $at }.
duty-credential-ending = De toegang van kanaalaccount { $object } loopt af: { $at }.
duty-silence = Dit bericht noemt geen persoon en geen inhoud. Meld u aan om te zien waarover het gaat.

## The report of a week
report-week = Activiteitenverslag, week van { $day }
report-received = Ontvangen
report-useful = Nuttig
report-total = Reacties
report-appeals = Opsporingsberichten

# What staff are told, reports, statements
event-response-received = Ontvangen reacties
event-response-raised = Meteen te lezen reacties
event-response-overdue = Reacties die niemand op tijd opende
event-report-received = Meldingen van illegale inhoud
event-report-decided = Besliste meldingen
event-transfer-offered = Reacties aangeboden aan een collega
event-transfer-accepted = Reacties overgenomen door een collega
event-claim-made = Aanspraken
event-claim-decided = Besliste aanspraken
event-lot-returned = Teruggegeven voorwerpen
event-statement-proposed = Verklaringen die op een tweede onderzoeker wachten
event-statement-decided = Besliste verklaringen
event-identification-made = Identificaties
event-appeal-taken-down = Opsporingsbericht ingetrokken
event-appeal-closed = Opsporingsbericht afgesloten
event-takedown-proven = Bewezen intrekkingen
event-takedown-failed = Intrekkingen zonder bewijs
event-takedown-finished = Alle intrekkingen zijn bewezen
event-retention-warning = De reacties worden binnenkort gewist
event-retention-erased = De reacties zijn gewist
event-webhook-disabled = Webhook uitgeschakeld
event-webhook-test = Test
digest-subject = Nieuws over opsporingsberichten ({ $count })
digest-opening = Sinds het vorige bericht:
digest-line = { $what }: { $count } ({ $object })
duty-webhook-off = De webhook { $object } antwoordt niet meer en is uitgeschakeld: { $at }.
duty-retention-ending = De reacties op het opsporingsbericht { $object } worden gewist, tenzij iemand ze bijhoudt: { $at }.
duty-report-waits = Er wachten meldingen van illegale inhoud, opsporingsbericht { $object }: { $at }.
thread-report-illegal = Uw melding is onderzocht. De inhoud wordt als illegaal beschouwd en is bezorgd aan de dienst die zulke feiten vervolgt.
thread-report-not-illegal = Uw melding is onderzocht. De inhoud wordt niet als illegaal beschouwd. U kunt hier antwoorden als u het daar niet mee eens bent.
thread-report-passed-on = Uw melding is bezorgd aan de bevoegde overheid, die beslist.
thread-report-answer = Uw bericht is gelezen. Het meldt niets illegaals maar is een reactie op het opsporingsbericht; het wordt zo behandeld.
report-outcome = Resultaten
report-victims = Geïdentificeerde slachtoffers
report-owners = Gevonden eigenaars
report-claimed = Opgeëiste stukken
report-returned = Teruggegeven stukken
