### French. Same keys and variables in all four files: a test compares them.
### A no-break space stands before : ; ? ! and » (a test looks).

## What every page carries
service-name = Appels au public
skip-to-content = Aller au contenu
footer-emergency = Urgence : appelez le { $primary } (police : { $secondary }).
footer-no-tracking = Ce site ne dépose aucun cookie et ne suit personne.
link-home = Tous les appels
link-privacy = Protection des données
link-return = J’ai un code de suivi
link-subscribe = Recevoir les alertes par e-mail
choose-language = Continuer en français

## An appeal
call-now = Appelez le { $number }
call-now-note = Numéro d’urgence, gratuit, jour et nuit
call-or = ou le { $number } (police)
call-search-line = Ligne des avis de recherche
ad-contact = Appelez le { $number }.
have-information = J’ai un renseignement
have-information-note = En ligne, anonymement si vous le souhaitez
no-comments = Adressez-vous aux enquêteurs : ne répondez pas en commentaire.
danger-heading = N’intervenez pas vous-même
danger-text = Danger possible. Gardez vos distances et appelez le { $number }.
last-seen-heading = Vu(e) pour la dernière fois
look-for-heading = À quoi faire attention
description-heading = Description
facts-heading = Les faits
what-to-do-heading = Ce que vous pouvez faire
more-pictures-heading = Autres images
about-heading = À propos de cet appel
label-published = Publication
label-updated = Mise à jour
label-expires = Valable jusqu’au
label-issued-by = Diffusé par
label-authority = Autorisation judiciaire
label-reference = Référence
label-areas = Zone concernée
label-email = E-mail
share-the-address = Partagez l’adresse de l’appel plutôt que des copies des photos : l’appel doit pouvoir prendre fin.
this-appeal-online = Cet appel en ligne :
feed-link = Suivre les appels par flux Atom
question-person = Vous voyez cette personne ?
question-identity = Reconnaissez-vous cette personne ?
question-facts = Avez-vous vu ou entendu quelque chose ?
question-vehicle = Vous voyez ce véhicule ?
question-objects = Reconnaissez-vous un de ces objets ?
question-heirs = Êtes-vous de la famille, ou la connaissez-vous ?

## A catalogue's lots
lots-heading = { $count ->
    [one] { $count } objet
   *[other] { $count } objets
 }
lot-number = Lot { $number }
lot-claim = Cet objet m’appartient
lot-sighting = J’ai vu cet objet
lots-proof = Pour revendiquer un objet, il faut une preuve de propriété : photo, facture, procès-verbal, dossier d’assurance.
lot-state-claimed = Revendication à l’examen
lot-state-returned = Restitué

## An appeal that is over
gone-title = Cet appel a pris fin
gone-thanks = Merci à toutes les personnes qui ont apporté leur aide.
gone-delete = Si vous avez conservé ou partagé des photos de l’appel, merci de les supprimer.

## The page with all appeals
home-title = Appels en cours
home-lead = Regardez, et dites-nous ce que vous savez. Un détail peut suffire.
home-none = Aucun appel n’est en cours pour le moment.
home-subscribe-text = Nous vous écrivons quand un appel concerne un lieu de votre choix.
home-return-text = Vous nous avez déjà transmis un renseignement ? Votre code donne accès à la réponse.

## Giving information
respond-title = Donner un renseignement
respond-about = Concerne : { $title }
respond-urgent = Un danger, ou cela se passe maintenant ? N’écrivez pas : appelez.
respond-anonymous-heading = Ce formulaire est anonyme
respond-anonymous-text = Nous ne demandons pas votre nom. Ce que vous écrivez est chiffré dès réception et lu uniquement par les enquêteurs chargés de cet appel. N’écrivez pas qui vous êtes si vous ne voulez pas qu’ils le sachent.
respond-after = Après l’envoi, vous recevez un code. Il vous permet de lire notre réponse et de compléter votre message.
respond-send = Envoyer aux enquêteurs
field-kind = Type de renseignement
field-what = Que savez-vous ?
field-what-hint = Avec vos mots. Un petit détail peut compter.
field-what-claim-hint = Décrivez l’objet et indiquez quelle preuve de propriété vous possédez.
field-where = Où ?
field-where-hint = Adresse, commerce, arrêt, direction : aussi précisément que possible
field-when = Quand ?
field-when-hint = Par exemple : aujourd’hui vers 14 h 30
field-files = Photos ou documents
field-files-hint = 5 fichiers au maximum, 25 Mo chacun : photos (JPEG, PNG, WebP), PDF, vidéos et sons MP4. Le fichier d’origine est chiffré et conservé comme preuve ; il peut contenir le lieu et l’heure de la prise de vue.
optional = (facultatif)
required = (obligatoire)
contact-summary = Laisser vos coordonnées (facultatif)
contact-text = Uniquement si vous acceptez que les enquêteurs vous contactent. Vous n’êtes alors plus anonyme pour eux.
field-contact-name = Nom
field-contact-phone = Téléphone
field-email = Adresse e-mail
response-tip = Renseignement : je sais quelque chose
response-sighting = Observation : j’ai vu la personne, le véhicule ou l’objet
response-claim = Revendication de propriété : l’objet m’appartient
response-identification = Identification : je reconnais la personne ou l’objet
response-self-report = Il s’agit de moi : je suis la personne recherchée
response-distress = Quelqu’un est en danger et a besoin d’aide maintenant
response-illegal-content = Je signale un contenu illégal

## What is wrong with a form
mistakes-heading = À corriger
mistake-empty = Ce champ est encore vide.
mistake-long = { $limit } caractères au maximum.
mistake-email = Ce n’est pas une adresse e-mail.
mistake-choice = Choisissez une des possibilités.
mistake-place = Nous ne connaissons pas ce lieu. Essayez une commune ou un code postal.
mistake-code = Nous ne connaissons pas ce code. Vérifiez ses 24 caractères.
mistake-file-empty = Ce fichier est vide.
mistake-file-large = Un fichier dépasse 25 Mo, ou l’ensemble 32 Mo. Choisissez à nouveau vos fichiers.
mistake-file-many = 5 fichiers au maximum. Choisissez à nouveau vos fichiers.
mistake-file-kind = Ce type de fichier n’est pas accepté. Envoyez des photos JPEG, PNG ou WebP, un PDF ou un MP4.
mistake-file-pixels = Cette image est trop grande : 50 mégapixels au maximum.
mistake-file-broken = Cette image est endommagée ou incomplète. Envoyez-la à nouveau.
mistake-stale = Ce formulaire est resté ouvert trop longtemps. Votre texte est toujours là : envoyez-le à nouveau.

## The receipt and the way back
receipt-title = Votre message a été reçu
receipt-thanks = Merci. Les enquêteurs vont le lire.
receipt-code = Votre code de suivi
receipt-write-down = Notez ce code maintenant, ou imprimez cette page.
receipt-once = Le code n’est affiché qu’une seule fois. Personne ne pourra vous le redonner.
receipt-use = Il vous permet de lire notre réponse et de compléter votre message, sans dire qui vous êtes.
receipt-address = Où introduire le code :
receipt-urgent = Les messages ne sont pas lus immédiatement. S’il se passe quelque chose maintenant, appelez le { $number }.
receipt-night = Il fait nuit : votre message sera lu à partir de 6 heures. S’il se passe quelque chose maintenant, appelez le { $number } ou le { $other }.
receipt-illegal = Ce que vous signalez est transmis au service compétent sans être diffusé ni montré. N’envoyez pas d’images illégales : une adresse ou une description suffit.
return-title = Revenir avec votre code
return-text = Introduisez les 24 caractères du code de suivi. Les espaces et les majuscules n’ont pas d’importance.
return-lost = Un code perdu ne peut pas être retrouvé, même par nous. Vous pouvez toujours envoyer un nouveau message.
field-code = Code de suivi
return-open = Ouvrir mon message
thread-title = Votre message
thread-state = État
thread-claim-question = Lot { $number } : pour vérifier que cet objet est à vous, répondez à cette question :
thread-claim-accepted = Lot { $number } : votre demande a été acceptée. Nous vous contacterons ici pour la restitution.
thread-claim-rejected = Lot { $number } : votre demande n’a pas été retenue. Vous pouvez répondre ici si vous avez d’autres preuves.
thread-you = Vous
thread-police = Les enquêteurs
thread-add = Compléter votre message
thread-send = Envoyer
thread-added = Votre complément a été reçu.
thread-closed = Ce message est clôturé. Si vous savez autre chose, répondez de nouveau à l’appel.
thread-ended = L’appel est terminé. Merci d’avoir pris le temps de répondre. Par respect pour les personnes concernées, nous n’en disons pas plus.
thread-leave = Fermez cette page quand vous avez terminé, surtout sur un appareil partagé.
state-received = Reçu, pas encore lu
state-being-read = En cours de lecture
state-answered = Réponse donnée
state-closed = Clôturé

## Alerts by e-mail
subscribe-lead = Nous ne vous écrivons que si un appel concerne le lieu que vous choisissez.
field-language = Langue des alertes
field-place = Lieu
field-place-hint = Commune ou code postal, par exemple Namur ou 5000
subscribe-candidates = Quel lieu voulez-vous dire ?
subscribe-data = Nous conservons trois choses : votre adresse, votre langue et une cellule de la carte d’environ 0,015 km². Rien d’autre.
subscribe-send = M’inscrire
check-mail-title = Consultez votre boîte e-mail
check-mail-text = Si l’adresse est correcte, un message avec un lien est en route. Les alertes ne commencent qu’après votre confirmation, dans les { $hours } heures.
check-mail-spam = Rien après dix minutes ? Regardez parmi les messages indésirables.
confirm-title = Confirmez votre inscription
confirm-text = Dernière étape : appuyez sur le bouton et les alertes commencent.
confirm-button = Confirmer
confirmed-title = Vous êtes inscrit(e)
confirmed-text = Merci d’ouvrir l’œil. Chaque message contient un lien pour arrêter.
unsubscribe-title = Arrêter les alertes
unsubscribe-text = Appuyez sur le bouton : vous ne recevrez plus d’alertes, et votre adresse, votre langue et votre cellule seront effacées.
unsubscribe-button = Arrêter et effacer
unsubscribed-title = Les alertes sont arrêtées
unsubscribed-text = Votre adresse, votre langue et votre cellule ont été effacées. Merci d’avoir ouvert l’œil.
language-fr = français
language-nl = néerlandais
language-de = allemand
language-en = anglais

## Data protection
privacy-controller = { $operator } est responsable des données décrites sur cette page. Contact : { $contact }.
privacy-alerts-heading = Si vous recevez les alertes
privacy-alerts-what = Nous conservons votre adresse e-mail, votre langue et une cellule de la carte d’environ 0,015 km² (H3, résolution 10). Nous ne conservons ni le lieu que vous avez tapé, ni aucune autre position.
privacy-alerts-why = Uniquement pour vous envoyer les appels qui concernent ce lieu, avec votre consentement (article 6, paragraphe 1, point a), du RGPD). Nous ne transmettons ces données à personne.
privacy-alerts-until = Jusqu’à ce que vous arrêtiez les alertes : chaque message contient le lien. Une adresse non confirmée dans les { $hours } heures est effacée.
privacy-responses-heading = Si vous donnez un renseignement
privacy-responses-what = Ce que vous écrivez est chiffré dès réception. Seuls les enquêteurs chargés de l’appel peuvent le lire, et le magistrat compétent peut le recevoir pour le dossier.
privacy-responses-until = Il est conservé aussi longtemps que le dossier et la loi l’exigent, puis effacé. Les règles sont celles des données de police et de justice (directive (UE) 2016/680).
privacy-site-heading = Si vous ne faites que visiter
privacy-site-what = Pas de cookies, pas de statistiques sur les personnes, rien qui vienne d’autres sites. Votre adresse réseau sert uniquement à livrer la page et à empêcher les abus ; elle n’est pas liée à ce que vous envoyez.
privacy-rights-heading = Vos droits
privacy-rights-text = Vous pouvez demander à consulter, rectifier ou effacer vos données, à en limiter l’usage ou à les emporter, et retirer votre consentement à tout moment. Écrivez à { $contact }.
privacy-rights-complaint = Vous pouvez introduire une plainte auprès de l’autorité de contrôle : { $supervisor }.

## When a page cannot be shown
error-not-found-title = Cette page n’existe pas
error-not-found-text = L’adresse est peut-être mal écrite, ou l’appel a pris fin.
error-link-title = Ce lien ne fonctionne plus
error-link-text = Il a déjà servi ou il a expiré. Vous pouvez vous inscrire à nouveau.
error-busy-title = Trop de tentatives
error-busy-text = Attendez quelques minutes, puis réessayez.
error-broken-title = Une erreur s’est produite chez nous
error-broken-text = Elle a été enregistrée. Réessayez dans quelques minutes.
error-away-title = Le service est momentanément indisponible
error-away-text = Réessayez dans quelques minutes.
error-call = Un renseignement qui ne peut pas attendre ? Appelez le { $number }.

## Mails
mail-appeal-subject = { $kind } – { $title }
mail-open = Voir l’appel en ligne
mail-why = Vous recevez ce message parce que vous avez demandé des alertes pour un lieu.
mail-no-reply = Ne répondez pas à ce message : personne ne lit les réponses.
mail-correction-subject = Appel retiré : merci de supprimer les photos
mail-correction-text = Un appel que nous vous avons envoyé le { $day } a été retiré. Il ne doit plus être partagé.
mail-correction-delete = Merci de supprimer ce message-là et ses photos, et de retirer ce que vous auriez partagé.
mail-correction-silence = Par respect pour les personnes concernées, nous ne répétons ni noms ni circonstances.
mail-closure-found-subject = Personne retrouvée, merci
mail-closure-found-text = La personne recherchée dans un appel que nous vous avons envoyé le { $day } a été retrouvée. Merci d’avoir ouvert l’œil.
mail-closure-ended-subject = Fin de l’alerte
mail-closure-ended-text = Un appel que nous vous avons envoyé le { $day } a pris fin. Merci d’avoir ouvert l’œil.
mail-confirm-text = Quelqu’un, sans doute vous, a demandé des alertes à cette adresse. Confirmez avec ce lien :
mail-confirm-until = Le lien fonctionne pendant { $hours } heures.
mail-confirm-otherwise = Ce n’était pas vous ? Ne faites rien : l’adresse sera effacée et nous n’écrirons plus.

## Kinds of appeal, as headings
kind-missing-adult = Disparition inquiétante
kind-missing-minor = Disparition inquiétante d’un mineur
kind-child-alert = Alerte : enfant en danger
kind-wanted-suspect = Avis de recherche : personne soupçonnée
kind-wanted-convict = Avis de recherche : condamné en fuite
kind-unknown-suspect = Avis de recherche : personne à identifier
kind-witness = Appel à témoins
kind-vehicle = Véhicule recherché
kind-unidentified-person = Personne non identifiée
kind-objects-stolen = Objets volés recherchés
kind-objects-found = Objets retrouvés : propriétaires recherchés
kind-heirs-sought = Héritiers recherchés

## Facts of a description and their values
labelled = { $label } : { $value }
fact-name = Nom
fact-alias = Alias
fact-age = Âge
fact-sex = Sexe
fact-height = Taille
fact-build = Corpulence
fact-hair = Cheveux
fact-eyes = Yeux
fact-clothing = Vêtements
fact-belongings = Effets emportés
fact-marks = Signes particuliers
fact-languages = Langues parlées
fact-last-seen = Vu(e) pour la dernière fois
fact-place = Lieu
fact-date = Date
fact-direction = Direction
fact-offence = Faits reprochés
fact-vehicle = Véhicule
fact-plate = Plaque d’immatriculation
fact-make = Marque
fact-model = Modèle
fact-colour = Couleur
fact-object = Objet
fact-artist = Artiste
fact-object-title = Titre
fact-material = Matériaux et technique
fact-dimensions = Dimensions
fact-inscriptions = Inscriptions et marques
fact-period = Époque
fact-origin = Provenance
value-years = { $years ->
    [one] { $years } an
   *[other] { $years } ans
 }
value-metres = { $metres },{ $rest } m
sex-female = féminin
sex-male = masculin
sex-other = autre
build-slim = mince
build-medium = moyenne
build-strong = robuste
build-heavy = forte
hair-black = noirs
hair-brown = bruns
hair-blond = blonds
hair-red = roux
hair-grey = gris
hair-white = blancs
hair-bald = chauve
hair-dyed = teints
eyes-brown = bruns
eyes-blue = bleus
eyes-green = verts
eyes-grey = gris
eyes-other = autre couleur
vehicle-car = voiture
vehicle-van = camionnette
vehicle-lorry = camion
vehicle-motorcycle = moto
vehicle-bicycle = vélo
vehicle-boat = bateau
vehicle-other = autre véhicule
colour-black = noir
colour-white = blanc
colour-grey = gris
colour-silver = argenté
colour-blue = bleu
colour-red = rouge
colour-green = vert
colour-yellow = jaune
colour-orange = orange
colour-brown = brun
colour-beige = beige
colour-purple = violet
colour-other = autre couleur

## Days and times
date-day = { $weekday } { $day ->
    [1] 1er
   *[other] { $day }
 } { $month } { $year }
date-moment = { $day } à { $hour }:{ $minute }
month-1 = janvier
month-2 = février
month-3 = mars
month-4 = avril
month-5 = mai
month-6 = juin
month-7 = juillet
month-8 = août
month-9 = septembre
month-10 = octobre
month-11 = novembre
month-12 = décembre
weekday-1 = lundi
weekday-2 = mardi
weekday-3 = mercredi
weekday-4 = jeudi
weekday-5 = vendredi
weekday-6 = samedi
weekday-7 = dimanche
audit-mail-subject = Point de contrôle { $number } de la piste d’audit
audit-mail-text = La piste d’audit comptait { $size } inscriptions à { $at }. Gardez ce message : quiconque modifie la piste ensuite ne peut modifier la ligne ci-dessous. Pour comparer, enregistrez-la dans un fichier et lancez : tocsin audit verify --checkpoint FICHIER

duty-subject = Attention requise : { $object }
duty-review-overdue = La revue après l’urgence de l’appel { $object } est en retard depuis : { $at }.
duty-takedown-overdue = Un retrait de l’appel { $object } est encore ouvert après cinq minutes ({ $at }).
duty-money-drift = Une annonce de l’appel { $object } n’est pas conforme à la commande : vérifiez ses campagnes et son budget ({ $at }).
duty-oral-due = La décision orale { $object } attend son écrit. Sans lui, ce qui repose sur elle sera retiré : { $at }.
duty-oral-lapsing = La décision orale { $object } va échoir : son écrit manque. Ce qui repose sur elle sera retiré : { $at }.
duty-credential-ending = L’accès du compte de canal { $object } prend fin : { $at }.
duty-silence = Ce message ne nomme ni personne ni contenu. Connectez-vous pour voir de quoi il s’agit.

## The report of a week
report-week = Rapport d’activité, semaine du { $day }
report-received = Reçues
report-useful = Utiles
report-total = Réponses
report-appeals = Appels
takedown-title = Retrait : { $title }
takedown-made = Appel { $id }. État au { $at } ; { $proven } sur { $all } prouvés.
takedown-none = Rien n’a été retiré.
takedown-asked = Demandé le { $at }. Motif : { $reason }
takedown-clock = { $took } sur { $most } permis
takedown-clock-late = { $took }, en retard : { $most } permis
takedown-channel-page = Page publique
takedown-channel-feed = Flux ouvert
takedown-channel-email = Courriel
takedown-channel-meta-ads = Facebook, Instagram
takedown-channel-google-ads = Google
takedown-channel-x-ads = X
takedown-state-open = en vérification
takedown-state-waiting = en cours
takedown-state-proven = retiré
takedown-state-failed = abandonné : agir à la main
takedown-no-look = Personne n’a encore vérifié.
takedown-proof-outside = Relu de l’extérieur le { $at } : { $evidence }
takedown-proof-platform = Vu sur la plateforme le { $at } : { $evidence }
takedown-proof-mail = Un courriel envoyé ne se rappelle pas ; au { $at }, toutes les personnes atteintes avaient été priées de l’effacer.
takedown-failure-still-shown = Encore affiché le { $at } : { $evidence }
takedown-failure-still-running = Encore en cours sur la plateforme le { $at } : { $evidence }
takedown-failure-unreachable = N’a pas pu être relu le { $at } : { $evidence }
takedown-failure-unexpected-answer = Une réponse qui ne prouve rien le { $at } : { $evidence }
