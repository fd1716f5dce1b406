### German, as in Belgium. Same keys and variables in all four files: a test compares them.
### Written with ss, as in the reference label table; to be read by a native of the Eupen region.

## What every page carries
service-name = Aufrufe an die Öffentlichkeit
skip-to-content = Zum Inhalt springen
footer-emergency = Notfall: wählen Sie { $primary } (Polizei: { $secondary }).
footer-no-tracking = Diese Website setzt keine Cookies und verfolgt niemanden.
link-home = Alle Aufrufe
link-privacy = Datenschutz
link-return = Ich habe einen Rückfragecode
link-subscribe = Meldungen per E-Mail erhalten
choose-language = Weiter auf Deutsch

## An appeal
call-now = Wählen Sie { $number }
call-now-note = Notruf, kostenlos, Tag und Nacht
call-or = oder { $number } (Polizei)
call-search-line = Hinweistelefon
ad-contact = Rufen Sie { $number } an.
have-information = Ich habe einen Hinweis
have-information-note = Online, auf Wunsch anonym
no-comments = Wenden Sie sich an die Ermittler: antworten Sie nicht in Kommentaren.
danger-heading = Greifen Sie nicht selbst ein
danger-text = Mögliche Gefahr. Halten Sie Abstand und wählen Sie { $number }.
last-seen-heading = Zuletzt gesehen
look-for-heading = Worauf Sie achten sollten
description-heading = Beschreibung
facts-heading = Der Sachverhalt
what-to-do-heading = Was Sie tun können
more-pictures-heading = Weitere Bilder
about-heading = Über diesen Aufruf
label-published = Veröffentlicht
label-updated = Aktualisiert
label-expires = Gültig bis
label-issued-by = Herausgegeben von
label-authority = Richterliche Genehmigung
label-reference = Referenz
label-areas = Betroffenes Gebiet
label-email = E-Mail
share-the-address = Teilen Sie die Adresse des Aufrufs statt Kopien der Fotos: Der Aufruf muss enden können.
this-appeal-online = Dieser Aufruf online:
feed-link = Den Aufrufen per Atom-Feed folgen
question-person = Sehen Sie diese Person?
question-identity = Erkennen Sie diese Person?
question-facts = Haben Sie etwas gesehen oder gehört?
question-vehicle = Sehen Sie dieses Fahrzeug?
question-objects = Erkennen Sie einen dieser Gegenstände?
question-heirs = Gehören Sie zur Familie, oder kennen Sie sie?

## A catalogue's lots
lots-heading = { $count ->
    [one] 1 Gegenstand
   *[other] { $count } Gegenstände
 }
lot-number = Los { $number }
lot-claim = Dieser Gegenstand gehört mir
lot-sighting = Ich habe diesen Gegenstand gesehen
lots-proof = Um einen Eigentumsanspruch geltend zu machen, brauchen Sie einen Eigentumsnachweis: Foto, Rechnung, Polizeiprotokoll, Versicherungsakte.
lot-state-claimed = Eigentumsanspruch wird geprüft
lot-state-returned = Zurückgegeben

## An appeal that is over
gone-title = Dieser Aufruf ist beendet
gone-thanks = Danke an alle, die geholfen haben.
gone-delete = Falls Sie Fotos des Aufrufs gespeichert oder geteilt haben, löschen Sie sie bitte.

## The page with all appeals
home-title = Laufende Aufrufe
home-lead = Schauen Sie hin und teilen Sie uns mit, was Sie wissen. Ein Detail kann genügen.
home-none = Zurzeit läuft kein Aufruf.
home-subscribe-text = Wir schreiben Ihnen, wenn ein Aufruf einen Ort Ihrer Wahl betrifft.
home-return-text = Sie haben uns schon einen Hinweis gegeben? Mit Ihrem Code lesen Sie die Antwort.

## Giving information
respond-title = Einen Hinweis geben
respond-about = Betrifft: { $title }
respond-urgent = Gefahr, oder geschieht es gerade jetzt? Schreiben Sie nicht: rufen Sie an.
respond-anonymous-heading = Dieses Formular ist anonym
respond-anonymous-text = Wir fragen nicht nach Ihrem Namen. Was Sie schreiben, wird beim Eingang verschlüsselt und nur von den Ermittlern dieses Aufrufs gelesen. Schreiben Sie nicht, wer Sie sind, wenn sie es nicht erfahren sollen.
respond-after = Nach dem Absenden erhalten Sie einen Code. Damit können Sie unsere Antwort lesen und Ihre Nachricht ergänzen.
respond-send = An die Ermittler senden
field-kind = Art des Hinweises
field-what = Was wissen Sie?
field-what-hint = In Ihren eigenen Worten. Ein kleines Detail kann zählen.
field-what-claim-hint = Beschreiben Sie den Gegenstand und nennen Sie Ihren Eigentumsnachweis.
field-where = Wo?
field-where-hint = Adresse, Geschäft, Haltestelle, Richtung: so genau wie möglich
field-when = Wann?
field-when-hint = Zum Beispiel: heute gegen 14:30 Uhr
field-files = Fotos oder Dokumente
field-files-hint = Höchstens 5 Dateien mit je 25 MB: Fotos (JPEG, PNG, WebP), PDF, Video und Ton als MP4. Die ursprüngliche Datei wird verschlüsselt als Beweis aufbewahrt; sie kann Ort und Zeit der Aufnahme enthalten.
optional = (freiwillig)
required = (Pflichtfeld)
contact-summary = Kontaktdaten hinterlassen (freiwillig)
contact-text = Nur wenn Sie einverstanden sind, dass die Ermittler Sie kontaktieren. Sie sind dann für sie nicht mehr anonym.
field-contact-name = Name
field-contact-phone = Telefon
field-email = E-Mail-Adresse
response-tip = Hinweis: ich weiss etwas
response-sighting = Sichtung: ich habe die Person, das Fahrzeug oder den Gegenstand gesehen
response-claim = Eigentumsanspruch: der Gegenstand gehört mir
response-identification = Identifizierung: ich erkenne die Person oder den Gegenstand
response-self-report = Es geht um mich: ich bin die gesuchte Person
response-distress = Jemand ist in Gefahr und braucht jetzt Hilfe
response-illegal-content = Ich melde illegale Inhalte

## What is wrong with a form
mistakes-heading = Bitte korrigieren
mistake-empty = Dieses Feld ist noch leer.
mistake-long = Höchstens { $limit } Zeichen.
mistake-email = Das ist keine E-Mail-Adresse.
mistake-choice = Wählen Sie eine der Möglichkeiten.
mistake-place = Wir kennen diesen Ort nicht. Versuchen Sie es mit einer Gemeinde oder einer Postleitzahl.
mistake-code = Wir kennen diesen Code nicht. Prüfen Sie die 24 Zeichen.
mistake-file-empty = Diese Datei ist leer.
mistake-file-large = Eine Datei ist größer als 25 MB, oder alle zusammen größer als 32 MB. Wählen Sie Ihre Dateien erneut aus.
mistake-file-many = Höchstens 5 Dateien. Wählen Sie Ihre Dateien erneut aus.
mistake-file-kind = Diese Art von Datei wird nicht angenommen. Senden Sie Fotos als JPEG, PNG oder WebP, ein PDF oder ein MP4.
mistake-file-pixels = Dieses Bild ist zu groß: höchstens 50 Megapixel.
mistake-file-broken = Dieses Bild ist beschädigt oder unvollständig. Senden Sie es erneut.
mistake-stale = Dieses Formular war zu lange geöffnet. Ihr Text ist noch da: Senden Sie ihn erneut.

## The receipt and the way back
receipt-title = Ihre Nachricht ist eingegangen
receipt-thanks = Danke. Die Ermittler werden sie lesen.
receipt-code = Ihr Rückfragecode
receipt-write-down = Schreiben Sie diesen Code jetzt auf, oder drucken Sie diese Seite.
receipt-once = Der Code wird nur einmal angezeigt. Niemand kann ihn Ihnen noch einmal geben.
receipt-use = Damit können Sie unsere Antwort lesen und Ihre Nachricht ergänzen, ohne zu sagen, wer Sie sind.
receipt-address = Wo Sie den Code eingeben:
receipt-urgent = Nachrichten werden nicht sofort gelesen. Wenn jetzt etwas geschieht, wählen Sie { $number }.
receipt-night = Es ist Nacht: Ihre Nachricht wird ab 6 Uhr gelesen. Wenn jetzt etwas geschieht, rufen Sie { $number } oder { $other } an.
receipt-illegal = Was Sie melden, geht an die zuständige Stelle und wird weder verbreitet noch gezeigt. Senden Sie keine illegalen Bilder: Eine Adresse oder Beschreibung genügt.
return-title = Mit Ihrem Code zurückkommen
return-text = Geben Sie die 24 Zeichen des Rückfragecodes ein. Leerzeichen und Grossschreibung spielen keine Rolle.
return-lost = Ein verlorener Code lässt sich nicht wiederherstellen, auch nicht durch uns. Sie können jederzeit eine neue Nachricht senden.
field-code = Rückfragecode
return-open = Meine Nachricht öffnen
thread-title = Ihre Nachricht
thread-state = Stand
thread-claim-question = Los { $number }: Um zu prüfen, ob dieser Gegenstand Ihnen gehört, beantworten Sie bitte diese Frage:
thread-claim-accepted = Los { $number }: Ihr Antrag wurde angenommen. Wir melden uns hier wegen der Rückgabe.
thread-claim-rejected = Los { $number }: Ihr Antrag wurde nicht angenommen. Sie können hier antworten, wenn Sie weitere Beweise haben.
thread-you = Sie
thread-police = Die Ermittler
thread-add = Ihre Nachricht ergänzen
thread-send = Senden
thread-added = Ihre Ergänzung ist eingegangen.
thread-closed = Diese Nachricht ist abgeschlossen. Wenn Sie etwas Neues wissen, antworten Sie erneut auf den Aufruf.
thread-ended = Der Aufruf ist beendet. Danke, dass Sie sich die Zeit genommen haben zu antworten. Aus Rücksicht auf die Betroffenen sagen wir nicht mehr dazu.
thread-leave = Schliessen Sie diese Seite, wenn Sie fertig sind, vor allem auf einem gemeinsam genutzten Gerät.
state-received = Eingegangen, noch nicht gelesen
state-being-read = Wird gelesen
state-answered = Beantwortet
state-closed = Abgeschlossen

## Alerts by e-mail
subscribe-lead = Wir schreiben Ihnen nur, wenn ein Aufruf den von Ihnen gewählten Ort betrifft.
field-language = Sprache der Meldungen
field-place = Ort
field-place-hint = Gemeinde oder Postleitzahl, zum Beispiel Eupen oder 4700
subscribe-candidates = Welchen Ort meinen Sie?
subscribe-data = Wir bewahren drei Dinge auf: Ihre Adresse, Ihre Sprache und eine Zelle der Karte von etwa 0,015 km². Sonst nichts.
subscribe-send = Anmelden
check-mail-title = Sehen Sie in Ihr E-Mail-Postfach
check-mail-text = Wenn die Adresse stimmt, ist eine Nachricht mit einem Link unterwegs. Die Meldungen beginnen erst nach Ihrer Bestätigung innerhalb von { $hours } Stunden.
check-mail-spam = Nichts nach zehn Minuten? Sehen Sie bei den unerwünschten Nachrichten nach.
confirm-title = Bestätigen Sie Ihre Anmeldung
confirm-text = Letzter Schritt: Drücken Sie auf den Knopf, und die Meldungen beginnen.
confirm-button = Bestätigen
confirmed-title = Sie sind angemeldet
confirmed-text = Danke, dass Sie mit Ausschau halten. Jede Nachricht enthält einen Link zum Abbestellen.
unsubscribe-title = Die Meldungen abbestellen
unsubscribe-text = Drücken Sie auf den Knopf: Sie erhalten keine Meldungen mehr, und Ihre Adresse, Ihre Sprache und Ihre Zelle werden gelöscht.
unsubscribe-button = Abbestellen und löschen
unsubscribed-title = Die Meldungen sind abbestellt
unsubscribed-text = Ihre Adresse, Ihre Sprache und Ihre Zelle wurden gelöscht. Danke, dass Sie mit Ausschau gehalten haben.
language-fr = Französisch
language-nl = Niederländisch
language-de = Deutsch
language-en = Englisch

## Data protection
privacy-controller = { $operator } ist für die auf dieser Seite beschriebenen Daten verantwortlich. Kontakt: { $contact }.
privacy-alerts-heading = Wenn Sie Meldungen erhalten
privacy-alerts-what = Wir bewahren Ihre E-Mail-Adresse, Ihre Sprache und eine Zelle der Karte von etwa 0,015 km² (H3, Auflösung 10) auf. Den eingegebenen Ort oder eine andere Position bewahren wir nicht auf.
privacy-alerts-why = Nur um Ihnen die Aufrufe zu senden, die diesen Ort betreffen, mit Ihrer Einwilligung (Artikel 6 Absatz 1 Buchstabe a DSGVO). Wir geben diese Daten an niemanden weiter.
privacy-alerts-until = Bis Sie die Meldungen abbestellen: Jede Nachricht enthält den Link. Eine Adresse, die nicht innerhalb von { $hours } Stunden bestätigt wird, wird gelöscht.
privacy-responses-heading = Wenn Sie einen Hinweis geben
privacy-responses-what = Was Sie schreiben, wird beim Eingang verschlüsselt. Nur die Ermittler des Aufrufs können es lesen, und der zuständige Magistrat kann es für die Akte erhalten.
privacy-responses-until = Es wird so lange aufbewahrt, wie die Akte und das Gesetz es verlangen, und dann gelöscht. Es gelten die Regeln für Daten von Polizei und Justiz (Richtlinie (EU) 2016/680).
privacy-site-heading = Wenn Sie nur lesen
privacy-site-what = Keine Cookies, keine Statistiken über Personen, nichts, was von anderen Websites kommt. Ihre Netzwerkadresse dient nur dazu, die Seite auszuliefern und Missbrauch zu verhindern; sie wird nicht mit dem verknüpft, was Sie senden.
privacy-rights-heading = Ihre Rechte
privacy-rights-text = Sie können verlangen, Ihre Daten einzusehen, zu berichtigen, zu löschen, ihre Verwendung einzuschränken oder sie mitzunehmen, und Ihre Einwilligung jederzeit widerrufen. Schreiben Sie an { $contact }.
privacy-rights-complaint = Sie können sich bei der Aufsichtsbehörde beschweren: { $supervisor }.

## When a page cannot be shown
error-not-found-title = Diese Seite gibt es nicht
error-not-found-text = Vielleicht ist die Adresse falsch geschrieben, oder der Aufruf ist beendet.
error-link-title = Dieser Link funktioniert nicht mehr
error-link-text = Er wurde schon benutzt oder ist abgelaufen. Sie können sich erneut anmelden.
error-busy-title = Zu viele Versuche
error-busy-text = Warten Sie einige Minuten und versuchen Sie es dann erneut.
error-broken-title = Bei uns ist ein Fehler aufgetreten
error-broken-text = Er wurde aufgezeichnet. Bitte versuchen Sie es in einigen Minuten erneut.
error-away-title = Der Dienst ist kurz nicht verfügbar
error-away-text = Bitte versuchen Sie es in einigen Minuten erneut.
error-call = Ein Hinweis, der nicht warten kann? Wählen Sie { $number }.

## Mails
mail-appeal-subject = { $kind } – { $title }
mail-open = Den Aufruf online ansehen
mail-why = Sie erhalten diese Nachricht, weil Sie Meldungen für einen Ort angefordert haben.
mail-no-reply = Antworten Sie nicht auf diese Nachricht: Niemand liest die Antworten.
mail-correction-subject = Aufruf zurückgezogen: bitte löschen Sie die Fotos
mail-correction-text = Ein Aufruf, den wir Ihnen am { $day } gesendet haben, wurde zurückgezogen. Er darf nicht mehr geteilt werden.
mail-correction-delete = Bitte löschen Sie jene Nachricht und ihre Fotos und entfernen Sie, was Sie geteilt haben.
mail-correction-silence = Aus Rücksicht auf die Betroffenen wiederholen wir weder Namen noch Umstände.
mail-closure-found-subject = Person gefunden, danke
mail-closure-found-text = Die Person aus einem Aufruf, den wir Ihnen am { $day } gesendet haben, wurde gefunden. Danke, dass Sie mit Ausschau gehalten haben.
mail-closure-ended-subject = Ende des Alarms
mail-closure-ended-text = Ein Aufruf, den wir Ihnen am { $day } gesendet haben, ist beendet. Danke, dass Sie mit Ausschau gehalten haben.
mail-confirm-text = Jemand, wahrscheinlich Sie, hat für diese Adresse Meldungen angefordert. Bestätigen Sie mit diesem Link:
mail-confirm-until = Der Link funktioniert { $hours } Stunden lang.
mail-confirm-otherwise = Sie waren es nicht? Tun Sie nichts: Die Adresse wird gelöscht, und wir schreiben nicht mehr.

## Kinds of appeal, as headings
kind-missing-adult = Beunruhigendes Verschwinden
kind-missing-minor = Beunruhigendes Verschwinden eines Minderjährigen
kind-child-alert = Alarm: Kind in Gefahr
kind-wanted-suspect = Fahndungsaufruf: verdächtige Person
kind-wanted-convict = Fahndungsaufruf: flüchtiger Verurteilter
kind-unknown-suspect = Fahndungsaufruf: Person zu identifizieren
kind-witness = Zeugenaufruf
kind-vehicle = Fahrzeug gesucht
kind-unidentified-person = Unbekannte Person
kind-objects-stolen = Gestohlene Gegenstände gesucht
kind-objects-found = Wiedergefundene Gegenstände: Eigentümer gesucht
kind-heirs-sought = Erben gesucht

## Facts of a description and their values
labelled = { $label }: { $value }
fact-name = Name
fact-alias = Auch bekannt als
fact-age = Alter
fact-sex = Geschlecht
fact-height = Grösse
fact-build = Statur
fact-hair = Haare
fact-eyes = Augen
fact-clothing = Kleidung
fact-belongings = Mitgeführte Gegenstände
fact-marks = Besondere Merkmale
fact-languages = Gesprochene Sprachen
fact-last-seen = Zuletzt gesehen
fact-place = Ort
fact-date = Datum
fact-direction = Richtung
fact-offence = Straftat
fact-vehicle = Fahrzeug
fact-plate = Kennzeichen
fact-make = Marke
fact-model = Modell
fact-colour = Farbe
fact-object = Gegenstand
fact-artist = Künstler
fact-object-title = Titel
fact-material = Material und Technik
fact-dimensions = Abmessungen
fact-inscriptions = Inschriften und Zeichen
fact-period = Epoche
fact-origin = Herkunft
value-years = { $years ->
    [one] { $years } Jahr
   *[other] { $years } Jahre
 }
value-metres = { $metres },{ $rest } m
sex-female = weiblich
sex-male = männlich
sex-other = anderes
build-slim = schlank
build-medium = mittel
build-strong = kräftig
build-heavy = korpulent
hair-black = schwarz
hair-brown = braun
hair-blond = blond
hair-red = rot
hair-grey = grau
hair-white = weiss
hair-bald = kahl
hair-dyed = gefärbt
eyes-brown = braun
eyes-blue = blau
eyes-green = grün
eyes-grey = grau
eyes-other = andere Farbe
vehicle-car = Personenwagen
vehicle-van = Lieferwagen
vehicle-lorry = Lastwagen
vehicle-motorcycle = Motorrad
vehicle-bicycle = Fahrrad
vehicle-boat = Boot
vehicle-other = anderes Fahrzeug
colour-black = schwarz
colour-white = weiss
colour-grey = grau
colour-silver = silbern
colour-blue = blau
colour-red = rot
colour-green = grün
colour-yellow = gelb
colour-orange = orange
colour-brown = braun
colour-beige = beige
colour-purple = violett
colour-other = andere Farbe

## Days and times
date-day = { $weekday }, { $day }. { $month } { $year }
date-moment = { $day }, um { $hour }:{ $minute } Uhr
month-1 = Januar
month-2 = Februar
month-3 = März
month-4 = April
month-5 = Mai
month-6 = Juni
month-7 = Juli
month-8 = August
month-9 = September
month-10 = Oktober
month-11 = November
month-12 = Dezember
weekday-1 = Montag
weekday-2 = Dienstag
weekday-3 = Mittwoch
weekday-4 = Donnerstag
weekday-5 = Freitag
weekday-6 = Samstag
weekday-7 = Sonntag
audit-mail-subject = Prüfpunkt { $number } der Protokollkette
audit-mail-text = Die Protokollkette hatte { $size } Einträge am { $at }. Heben Sie diese Mail auf: Wer die Kette danach ändert, kann die Zeile unten nicht ändern. Speichern Sie die Zeile zum Vergleich in eine Datei und rufen Sie auf: tocsin audit verify --checkpoint DATEI

duty-subject = Aufmerksamkeit nötig: { $object }
duty-review-overdue = Die Nachprüfung nach dem Eilfall des Aufrufs { $object } ist überfällig seit: { $at }.
duty-takedown-overdue = Eine Entfernung des Aufrufs { $object } ist nach fünf Minuten noch offen ({ $at }).
duty-money-drift = Eine Anzeige des Aufrufs { $object } ist nicht wie bestellt: Kampagnen und Budget prüfen ({ $at }).
duty-oral-due = Die mündliche Entscheidung { $object } wartet auf ihr Schriftstück. Ohne dieses wird entfernt, was auf ihr beruht: { $at }.
duty-oral-lapsing = Die mündliche Entscheidung { $object } verfällt bald: Das Schriftstück fehlt. Was auf ihr beruht, wird entfernt: { $at }.
duty-credential-ending = Die Zugangsdaten des Kanalkontos { $object } enden: { $at }.
duty-silence = Diese Nachricht nennt weder Personen noch Inhalte. Melden Sie sich an, um zu sehen, worum es geht.

## The report of a week
report-week = Tätigkeitsbericht, Woche vom { $day }
report-received = Erhalten
report-useful = Nützlich
report-total = Antworten
report-appeals = Aufrufe
takedown-title = Rücknahme: { $title }
takedown-made = Aufruf { $id }. Stand vom { $at }; { $proven } von { $all } nachgewiesen.
takedown-none = Es wurde nichts zurückgenommen.
takedown-asked = Verlangt am { $at }. Grund: { $reason }
takedown-clock = { $took } von { $most } erlaubt
takedown-clock-late = { $took }, verspätet: { $most } erlaubt
takedown-channel-page = Öffentliche Seite
takedown-channel-feed = Offener Feed
takedown-channel-email = E-Mail
takedown-channel-meta-ads = Facebook, Instagram
takedown-channel-google-ads = Google
takedown-channel-x-ads = X
takedown-state-open = wird geprüft
takedown-state-waiting = unterwegs
takedown-state-proven = zurückgenommen
takedown-state-failed = aufgegeben: selbst handeln
takedown-no-look = Noch hat niemand nachgesehen.
takedown-proof-outside = Von außen nachgelesen am { $at }: { $evidence }
takedown-proof-platform = Auf der Plattform gesehen am { $at }: { $evidence }
takedown-proof-mail = Versandte E-Mails lassen sich nicht zurückholen; bis { $at } waren alle Erreichten gebeten, sie zu löschen.
takedown-failure-still-shown = Am { $at } noch zu sehen: { $evidence }
takedown-failure-still-running = Läuft am { $at } noch auf der Plattform: { $evidence }
takedown-failure-unreachable = Konnte am { $at } nicht nachgelesen werden: { $evidence }
takedown-failure-unexpected-answer = Eine Antwort, die am { $at } nichts beweist: { $evidence }
