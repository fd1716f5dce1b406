### English. Same keys and variables in all four files: a test compares them.

## What every page carries
service-name = Appeals to the public
skip-to-content = Skip to the content
footer-emergency = Emergency: call { $primary } (police: { $secondary }).
footer-no-tracking = This site sets no cookies and follows nobody.
link-home = All appeals
link-privacy = Data protection
link-return = I have a receipt code
link-subscribe = Receive alerts by e-mail
choose-language = Continue in English

## An appeal
call-now = Call { $number }
call-now-note = Emergency number, free, day and night
call-or = or { $number } (police)
call-search-line = Search notice line
ad-contact = Call { $number }.
have-information = I have information
have-information-note = Online, anonymously if you wish
no-comments = Tell the investigators only: do not post in comments.
danger-heading = Do not intervene yourself
danger-text = Danger is possible. Keep your distance and call { $number }.
last-seen-heading = Last seen
look-for-heading = What to look for
description-heading = Description
facts-heading = The facts
what-to-do-heading = What you can do
more-pictures-heading = More pictures
about-heading = About this appeal
label-published = Published
label-updated = Updated
label-expires = Valid until
label-issued-by = Issued by
label-authority = Judicial authorisation
label-reference = Reference
label-areas = Area concerned
label-email = E-mail
share-the-address = Share the address of the appeal, not copies of the pictures: the appeal must be able to end.
this-appeal-online = This appeal online:
feed-link = Follow the appeals in a feed reader (Atom)
question-person = Do you see this person?
question-identity = Do you recognise this person?
question-facts = Did you see or hear something?
question-vehicle = Do you see this vehicle?
question-objects = Do you recognise one of these objects?
question-heirs = Are you family, or do you know the family?

## A catalogue's lots
lots-heading = { $count ->
    [one] 1 object
   *[other] { $count } objects
 }
lot-number = Lot { $number }
lot-claim = This object is mine
lot-sighting = I have seen this object
lots-proof = To claim an object you need a proof of ownership: a photograph, an invoice, a police report, an insurance file.
lot-state-claimed = Claim being examined
lot-state-returned = Returned

## An appeal that is over
gone-title = This appeal has ended
gone-thanks = Thank you to everyone who helped.
gone-delete = If you kept or shared pictures of the appeal, please delete them.

## The page with all appeals
home-title = Current appeals
home-lead = Look, and tell us what you know. One detail may be enough.
home-none = No appeal is running at the moment.
home-subscribe-text = We write to you when an appeal concerns a place of your choice.
home-return-text = You have already told us something? Your code shows you the reply.

## Giving information
respond-title = Give information
respond-about = About: { $title }
respond-urgent = Danger, or is it happening now? Do not write: call.
respond-anonymous-heading = This form is anonymous
respond-anonymous-text = We do not ask your name. What you write is encrypted on arrival and read by the investigators of this appeal only. Do not say who you are if you do not want them to know.
respond-after = After sending you receive a code. With it you can read our reply and add information.
respond-send = Send to the investigators
field-kind = Kind of information
field-what = What do you know?
field-what-hint = In your own words. A small detail may count.
field-what-claim-hint = Describe the object, and say which proof of ownership you have.
field-where = Where?
field-where-hint = Address, shop, stop, direction: as exactly as you can
field-when = When?
field-when-hint = For example: today around 14:30
field-files = Photos or documents
field-files-hint = At most 5 files of 25 MB each: photos (JPEG, PNG, WebP), PDF, video and sound as MP4. The original file is kept encrypted as evidence; it may hold the place and time it was taken.
optional = (optional)
required = (required)
contact-summary = Leave your contact details (optional)
contact-text = Only if you agree that the investigators contact you. You are then no longer anonymous to them.
field-contact-name = Name
field-contact-phone = Telephone
field-email = E-mail address
response-tip = Tip: I know something
response-sighting = Sighting: I saw the person, the vehicle or the object
response-claim = Ownership claim: the object is mine
response-identification = Identification: I recognise the person or the object
response-self-report = It is about me: I am the person sought
response-distress = Somebody is in danger and needs help now
response-illegal-content = I report illegal content

## What is wrong with a form
mistakes-heading = Please correct this
mistake-empty = This field is still empty.
mistake-long = At most { $limit } characters.
mistake-email = This is not an e-mail address.
mistake-choice = Choose one of the possibilities.
mistake-place = We do not know this place. Try a municipality or a postal code.
mistake-code = We do not know this code. Check its 24 characters.
mistake-file-empty = This file is empty.
mistake-file-large = One file is larger than 25 MB, or all together are larger than 32 MB. Choose your files again.
mistake-file-many = At most 5 files. Choose your files again.
mistake-file-kind = This kind of file is not accepted. Send photos as JPEG, PNG or WebP, a PDF or an MP4.
mistake-file-pixels = This picture is too large: at most 50 megapixels.
mistake-file-broken = This picture is damaged or incomplete. Send it again.
mistake-stale = This form was open for too long. Your text is still here: send it again.

## The receipt and the way back
receipt-title = Your message was received
receipt-thanks = Thank you. The investigators will read it.
receipt-code = Your receipt code
receipt-write-down = Write this code down now, or print this page.
receipt-once = The code is shown only once. Nobody can give it to you again.
receipt-use = With it you can read our reply and add information, without saying who you are.
receipt-address = Where to enter the code:
receipt-urgent = Messages are not read at once. If something happens now, call { $number }.
receipt-night = It is night: your message will be read from 6 o’clock on. If something is happening now, call { $number } or { $other }.
receipt-illegal = What you report goes to the service in charge and is neither spread nor shown. Do not send illegal pictures: an address or a description is enough.
return-title = Come back with your code
return-text = Enter the 24 characters of the receipt code. Spaces and capitals do not matter.
return-lost = A lost code cannot be recovered, not even by us. You can always send a new message.
field-code = Receipt code
return-open = Open my message
thread-title = Your message
thread-state = Status
thread-claim-question = Lot { $number }: to check that this object is yours, please answer this question:
thread-claim-accepted = Lot { $number }: your claim was accepted. We will contact you here about its return.
thread-claim-rejected = Lot { $number }: your claim was not accepted. You can answer here if you have other proof.
thread-you = You
thread-police = The investigators
thread-add = Add information
thread-send = Send
thread-added = Your addition was received.
thread-closed = This message is closed. For something new, answer the appeal again.
thread-ended = The appeal has ended. Thank you for taking the time to answer. Out of respect for those concerned we say no more about it.
thread-leave = Close this page when you have finished, above all on a shared device.
state-received = Received, not yet read
state-being-read = Being read
state-answered = Answered
state-closed = Closed

## Alerts by e-mail
subscribe-lead = We write to you only when an appeal concerns the place you choose.
field-language = Language of the alerts
field-place = Place
field-place-hint = Municipality or postal code, for example Lille or 59000
subscribe-candidates = Which place do you mean?
subscribe-data = We keep three things: your address, your language, and one cell of the map of about 0.015 km². Nothing else.
subscribe-send = Subscribe
check-mail-title = Look in your mailbox
check-mail-text = If the address is right, a message with a link is on its way. Alerts start only after you have opened it and confirmed, within { $hours } hours.
check-mail-spam = Nothing after ten minutes? Look among the unwanted messages.
confirm-title = Confirm your subscription
confirm-text = One last step: press the button and the alerts begin.
confirm-button = Confirm
confirmed-title = You are subscribed
confirmed-text = Thank you for keeping watch. Every message contains a link to stop.
unsubscribe-title = Stop the alerts
unsubscribe-text = Press the button: you receive no more alerts, and your address, your language and your cell are erased.
unsubscribe-button = Stop and erase
unsubscribed-title = The alerts have stopped
unsubscribed-text = Your address, your language and your cell have been erased. Thank you for having kept watch.
language-fr = French
language-nl = Dutch
language-de = German
language-en = English

## Data protection
privacy-controller = { $operator } is responsible for the data on this page. Contact: { $contact }.
privacy-alerts-heading = If you receive alerts
privacy-alerts-what = We keep your e-mail address, your language, and one cell of the map of about 0.015 km² (H3, resolution 10). We do not keep the place you typed or any other position.
privacy-alerts-why = Only to send you the appeals that concern that place, with your consent (Article 6(1)(a) of the GDPR). We give these data to nobody.
privacy-alerts-until = Until you stop the alerts: every message contains the link. An address that is not confirmed within { $hours } hours is erased.
privacy-responses-heading = If you give information
privacy-responses-what = What you write is encrypted on arrival. Only the investigators of the appeal can read it, and the magistrate in charge may receive it for the case.
privacy-responses-until = It is kept as long as the case and the law require, then erased. The rules are those for data of police and justice (Directive (EU) 2016/680).
privacy-site-heading = If you only visit
privacy-site-what = No cookies, no statistics about persons, nothing loaded from other sites. Your network address serves only to deliver the page and to stop abuse; it is not attached to what you send.
privacy-rights-heading = Your rights
privacy-rights-text = You may ask to see, correct or erase your data, to limit their use or to take them elsewhere, and withdraw your consent at any time. Write to { $contact }.
privacy-rights-complaint = You may complain to the supervisory authority: { $supervisor }.

## When a page cannot be shown
error-not-found-title = This page does not exist
error-not-found-text = The address may be mistyped, or the appeal may have ended.
error-link-title = This link no longer works
error-link-text = It has been used already or has expired. You can subscribe again.
error-busy-title = Too many attempts
error-busy-text = Wait a few minutes, then try again.
error-broken-title = Something went wrong on our side
error-broken-text = It has been recorded. Please try again in a few minutes.
error-away-title = The service is unavailable for a moment
error-away-text = Please try again in a few minutes.
error-call = Information that cannot wait? Call { $number }.

## Mails
mail-appeal-subject = { $kind } – { $title }
mail-open = See the appeal online
mail-why = You receive this message because you asked for alerts for a place.
mail-no-reply = Do not reply to this message: nobody reads the replies.
mail-correction-subject = Appeal withdrawn: please delete the pictures
mail-correction-text = An appeal that we sent you on { $day } has been withdrawn. It must no longer be shared.
mail-correction-delete = Please delete that message and its pictures, and remove what you may have shared.
mail-correction-silence = Out of respect for the persons concerned we repeat neither names nor circumstances.
mail-closure-found-subject = Person found, thank you
mail-closure-found-text = The person sought in an appeal that we sent you on { $day } has been found. Thank you for having kept watch.
mail-closure-ended-subject = Alert ended
mail-closure-ended-text = An appeal that we sent you on { $day } has ended. Thank you for having kept watch.
mail-confirm-text = Somebody, probably you, asked for alerts at this address. Confirm with this link:
mail-confirm-until = The link works for { $hours } hours.
mail-confirm-otherwise = It was not you? Do nothing: the address is erased and we write no more.

## Kinds of appeal, as headings
kind-missing-adult = Worrying disappearance
kind-missing-minor = Worrying disappearance of a minor
kind-child-alert = Alert: child in danger
kind-wanted-suspect = Search notice: suspect
kind-wanted-convict = Search notice: convict on the run
kind-unknown-suspect = Search notice: person to be identified
kind-witness = Witness appeal
kind-vehicle = Vehicle sought
kind-unidentified-person = Unidentified person
kind-objects-stolen = Stolen objects sought
kind-objects-found = Recovered objects: owners sought
kind-heirs-sought = Heirs sought

## Facts of a description and their values
labelled = { $label }: { $value }
fact-name = Name
fact-alias = Also called
fact-age = Age
fact-sex = Sex
fact-height = Height
fact-build = Build
fact-hair = Hair
fact-eyes = Eyes
fact-clothing = Clothing
fact-belongings = Carrying
fact-marks = Distinguishing marks
fact-languages = Languages spoken
fact-last-seen = Last seen
fact-place = Place
fact-date = Date
fact-direction = Direction
fact-offence = Offence
fact-vehicle = Vehicle
fact-plate = Licence plate
fact-make = Make
fact-model = Model
fact-colour = Colour
fact-object = Object
fact-artist = Artist
fact-object-title = Title
fact-material = Materials and technique
fact-dimensions = Dimensions
fact-inscriptions = Inscriptions and marks
fact-period = Period
fact-origin = Origin
value-years = { $years ->
    [one] { $years } year
   *[other] { $years } years
 }
value-metres = { $metres }.{ $rest } m
sex-female = female
sex-male = male
sex-other = other
build-slim = slim
build-medium = medium
build-strong = strong
build-heavy = heavy
hair-black = black
hair-brown = brown
hair-blond = blond
hair-red = red
hair-grey = grey
hair-white = white
hair-bald = bald
hair-dyed = dyed
eyes-brown = brown
eyes-blue = blue
eyes-green = green
eyes-grey = grey
eyes-other = other
vehicle-car = car
vehicle-van = van
vehicle-lorry = lorry
vehicle-motorcycle = motorcycle
vehicle-bicycle = bicycle
vehicle-boat = boat
vehicle-other = other vehicle
colour-black = black
colour-white = white
colour-grey = grey
colour-silver = silver
colour-blue = blue
colour-red = red
colour-green = green
colour-yellow = yellow
colour-orange = orange
colour-brown = brown
colour-beige = beige
colour-purple = purple
colour-other = other colour

## Days and times
date-day = { $weekday } { $day } { $month } { $year }
date-moment = { $day } at { $hour }:{ $minute }
month-1 = January
month-2 = February
month-3 = March
month-4 = April
month-5 = May
month-6 = June
month-7 = July
month-8 = August
month-9 = September
month-10 = October
month-11 = November
month-12 = December
weekday-1 = Monday
weekday-2 = Tuesday
weekday-3 = Wednesday
weekday-4 = Thursday
weekday-5 = Friday
weekday-6 = Saturday
weekday-7 = Sunday
audit-mail-subject = Audit checkpoint { $number }
audit-mail-text = The audit chain had { $size } entries at { $at }. Keep this mail: whoever changes the chain afterwards cannot change the line below. To compare, save the line to a file and run: tocsin audit verify --checkpoint FILE

duty-subject = Needs attention: { $object }
duty-review-overdue = The review after the emergency of appeal { $object } has been overdue since { $at }.
duty-takedown-overdue = A takedown of appeal { $object } is still open after five minutes ({ $at }).
duty-money-drift = An advertisement of appeal { $object } is not as it was ordered: look at its campaigns and its money ({ $at }).
duty-oral-due = Oral decision { $object } waits for its paper. Without it, whatever rests on it comes down: { $at }.
duty-oral-lapsing = Oral decision { $object } is about to lapse: its paper is missing. Whatever rests on it comes down: { $at }.
duty-credential-ending = The credential of channel account { $object } ends: { $at }.
duty-silence = This message names no person and no content. Sign in to see what it is about.

## The report of a week
report-week = Activity report, week of { $day }
report-received = Received
report-useful = Useful
report-total = Responses
report-appeals = Appeals
takedown-title = Takedown: { $title }
takedown-made = Appeal { $id }. Written on { $at }; { $proven } of { $all } proven.
takedown-none = Nothing was taken down.
takedown-asked = Asked on { $at }. Reason: { $reason }
takedown-clock = { $took } of { $most } allowed
takedown-clock-late = { $took }, late: { $most } allowed
takedown-channel-page = Public page
takedown-channel-feed = Open feed
takedown-channel-email = E-mail
takedown-channel-meta-ads = Facebook, Instagram
takedown-channel-google-ads = Google
takedown-channel-x-ads = X
takedown-state-open = being checked
takedown-state-waiting = under way
takedown-state-proven = taken down
takedown-state-failed = given up: act by hand
takedown-no-look = Nobody has looked yet.
takedown-proof-outside = Read back from outside on { $at }: { $evidence }
takedown-proof-platform = Seen at the platform on { $at }: { $evidence }
takedown-proof-mail = Sent mail cannot be recalled; by { $at } everybody reached had been told to delete it.
takedown-failure-still-shown = Still shown on { $at }: { $evidence }
takedown-failure-still-running = Still running at the platform on { $at }: { $evidence }
takedown-failure-unreachable = Could not be read back on { $at }: { $evidence }
takedown-failure-unexpected-answer = An answer that proves nothing on { $at }: { $evidence }
