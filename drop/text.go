package drop

// The sentences that a Detail is made of. Behind each stand the values that it has, which may be
// absent in brackets. Package status has the words.

// TextAsIs is a sentence that an earlier version stored.
const TextAsIs Text = "as_is" // words

// What keeps a file from being sent that is not finished, or not what it seems.
const (
	TextNotOnDisk          Text = "not_on_disk"
	TextKeepsChanging      Text = "keeps_changing"
	TextEmpty              Text = "empty"
	TextDownloadUnfinished Text = "download_unfinished" // program, beside
	TextForeignLink        Text = "foreign_link"
	TextInUse              Text = "in_use"
	TextDatabaseInUse      Text = "database_in_use" // beside
	TextOpenForWriting     Text = "open_for_writing"
	TextOpenBeforeMove     Text = "open_before_move"
	TextOpenBeforeTrash    Text = "open_before_trash"
	TextMayNotRead         Text = "may_not_read"
	TextCannotReadNow      Text = "cannot_read_now"
	TextCannotRead         Text = "cannot_read" // why
	TextCutOff             Text = "cut_off"     // what
	TextDate1970           Text = "date_1970"
	TextPointerLFS         Text = "pointer_lfs"
	TextPointerAnnex       Text = "pointer_annex"
	TextPointerFat         Text = "pointer_fat"
	TextPointerXet         Text = "pointer_xet"
	TextPointerAlias       Text = "pointer_alias"
	TextPointerServerLink  Text = "pointer_server_link"
	TextPointerCygwin      Text = "pointer_cygwin"
	TextPointerNFS         Text = "pointer_nfs"
)

// What its folder takes.
const (
	TextOtherKind       Text = "other_kind"        // is, takes, fits
	TextNoAsset         Text = "no_asset"          // is, name
	TextTooLarge        Text = "too_large"         // size, max
	TextTooLargeToSend  Text = "too_large_to_send" // why
	TextUnwatched       Text = "unwatched"
	TextChangeIgnored   Text = "change_ignored"
	TextExisting        Text = "existing"
	TextVersionInterval Text = "version_interval" // interval
	TextRulesChanged    Text = "rules_changed"
	TextProjectChanged  Text = "project_changed"
)

// What the rules ignore. kind is "file" or "folder"; include is a pattern that would take it.
const (
	TextIgnoredBuiltIn        Text = "ignored_built_in"        // kind, path, what
	TextIgnoredUnlessIncluded Text = "ignored_unless_included" // kind, path, what, [include]
	TextIgnoredExcluded       Text = "ignored_excluded"        // kind, path, pattern
	TextIgnoredNotIncluded    Text = "ignored_not_included"    // kind, path
	TextIgnoredNoAsset        Text = "ignored_no_asset"        // kind, path, what, [include]
	TextInnerFolder           Text = "inner_folder"            // kind, path
	TextMoveTarget            Text = "move_target"             // kind, path
	TextTooDeep               Text = "too_deep"                // kind, path, max
	TextNotRecursive          Text = "not_recursive"           // kind, path
	TextIgnored               Text = "ignored"                 // kind, path
	TextNoFolder              Text = "no_folder"               // path
	TextIsWatchFolder         Text = "is_watch_folder"         // path
	TextNotRegular            Text = "not_regular"             // path, what
	TextIsFolder              Text = "is_folder"               // path
	TextPickedUp              Text = "picked_up"               // path, folder
	TextWouldBePickedUp       Text = "would_be_picked_up"      // path, folder
)

// What is wrong with a folder.
const (
	TextFolderNotThere                Text = "folder_not_there"       // folder
	TextFolderMayNotRead              Text = "folder_may_not_read"    // folder
	TextFolderCannotReadNow           Text = "folder_cannot_read_now" // folder
	TextFolderIsFile                  Text = "folder_is_file"         // folder
	TextFolderCannotRead              Text = "folder_cannot_read"     // folder, why
	TextFolderUnresponsive            Text = "folder_unresponsive"    // folder
	TextNotAnswered                   Text = "not_answered"           // path, for
	TextFolderReplaced                Text = "folder_replaced"        // folder, by
	TextFolderUnsafe                  Text = "folder_unsafe"          // folder, by
	TextFoldersBelow                  Text = "folders_below"          // count
	TextCannotNote                    Text = "cannot_note"
	TextItsFolderMissing              Text = "its_folder_missing"
	TextTooManyCollections            Text = "too_many_collections"             // folder, name, max
	TextCannotMakeCollection          Text = "cannot_make_collection"           // name, folder, setting, words
	TextCannotMakeSubfolderCollection Text = "cannot_make_subfolder_collection" // name, folder, setting, words
	TextNoSuchCollection              Text = "no_such_collection"               // collection, folder, [project]
	TextNoSuchParent                  Text = "no_such_parent"                   // parent, folder, words
)

// What became of the file on disk.
const (
	TextNotThere         Text = "not_there"
	TextReplaced         Text = "replaced"
	TextRenamed          Text = "renamed" // path
	TextGoneBefore       Text = "gone_before"
	TextVanished         Text = "vanished"
	TextNoFileNow        Text = "no_file_now" // why
	TextChanged          Text = "changed"
	TextBytesChanged     Text = "bytes_changed"
	TextMoved            Text = "moved" // path
	TextTrashed          Text = "trashed"
	TextTakenAway        Text = "taken_away"
	TextStaysOther       Text = "stays_other" // why
	TextStaysChanged     Text = "stays_changed"
	TextStaysNotMoved    Text = "stays_not_moved"   // why
	TextStaysNotTrashed  Text = "stays_not_trashed" // why
	TextStaysInTarget    Text = "stays_in_target"
	TextStaysBroughtBack Text = "stays_brought_back"
	TextStaysMovedBefore Text = "stays_moved_before" // path
	TextCannotCheck      Text = "cannot_check"       // why
	TextCannotMove       Text = "cannot_move"        // folder, why
	TextCannotFinishMove Text = "cannot_finish_move" // folder, why
	TextCannotTrash      Text = "cannot_trash"       // why
)

// What Scenario says, or holds already. words are Scenario's own.
const (
	TextRefused           Text = "refused"      // [words], [request]
	TextCannotUse         Text = "cannot_use"   // [words]
	TextNotAllowed        Text = "not_allowed"  // call, words
	TextPlanLimit         Text = "plan_limit"   // call, words
	TextOneIsTried        Text = "one_is_tried" // kind, minutes
	TextCannotFollow      Text = "cannot_follow"
	TextParentNotTaken    Text = "parent_not_taken" // parent
	TextParentRefused     Text = "parent_refused"   // parent, words
	TextNoModelTags       Text = "no_model_tags"
	TextWasThere          Text = "was_there"
	TextLinkedExisting    Text = "linked_existing"
	TextSharesExisting    Text = "shares_existing"
	TextReconciling       Text = "reconciling"
	TextDuplicateInFlight Text = "duplicate_in_flight"
	TextAssetGone         Text = "asset_gone"
	TextUploadUnknown     Text = "upload_unknown"
	TextUploadLost        Text = "upload_lost"
	TextCannotResume      Text = "cannot_resume"
	TextSlowImport        Text = "slow_import"
	TextNotCompared       Text = "not_compared"
	TextDatabaseLost      Text = "database_lost"
	TextLikeExisting      Text = "like_existing"       // asset, place, [count]
	TextNamedLikeExisting Text = "named_like_existing" // asset, place, [count]
	TextCannotCompare     Text = "cannot_compare"      // why
	TextSizedLikeExisting Text = "sized_like_existing" // asset
	TextCannotList        Text = "cannot_list"         // why
	TextCandidatesGone    Text = "candidates_gone"
)

// What a person asked for.
const (
	TextTriedAgain      Text = "tried_again"
	TextAllowedAgain    Text = "allowed_again"
	TextLinkingExisting Text = "linking_existing"
	TextSentAsAsked     Text = "sent_as_asked"
	TextUploadedAsIs    Text = "uploaded_as_is"
)

// Why it is tried again.
const (
	TextError                Text = "error"               // why
	TextDatabaseDamaged      Text = "database_damaged"    // why
	TextDatabaseFull         Text = "database_full"       // path
	TextDatabaseReadOnly     Text = "database_read_only"  // path
	TextDatabaseLocked       Text = "database_locked"     // path
	TextDatabaseUnwritable   Text = "database_unwritable" // path, why
	TextNoDescriptors        Text = "no_descriptors"
	TextLocalDatabase        Text = "local_database"
	TextKeyRefused           Text = "key_refused" // [words]
	TextSlowDown             Text = "slow_down"
	TextServerFault          Text = "server_fault"
	TextSomethingElseAnswers Text = "something_else_answers" // why
	TextUnreachable          Text = "unreachable"            // why
)

// Why a folder is polled, as the end of "polling, since …".
const (
	TextPollConfigured    Text = "poll_configured"
	TextPollRemote        Text = "poll_remote" // filesystem
	TextPollNoDescriptors Text = "poll_no_descriptors"
	TextPollInstances     Text = "poll_instances"      // max
	TextPollWatches       Text = "poll_watches"        // max
	TextPollTooManyFiles  Text = "poll_too_many_files" // max
	TextPollRefused       Text = "poll_refused"        // why
)

// What "verify" finds.
const (
	TextMissing          Text = "missing"
	TextCannotStat       Text = "cannot_stat" // why
	TextChangedSince     Text = "changed_since"
	TextNotSeen          Text = "not_seen"
	TextAssetMissing     Text = "asset_missing"      // asset
	TextAssetSize        Text = "asset_size"         // asset, found, sent
	TextNotInCollections Text = "not_in_collections" // asset, collections
	TextTagsMissing      Text = "tags_missing"       // asset, tags
	TextNotInDatabase    Text = "not_in_database"
	TextComparedFirst    Text = "compared_first"
	TextAskedFirst       Text = "asked_first"
)

// Why "retry --force" does nothing.
const (
	TextNoSuchFile      Text = "no_such_file"
	TextForceFolder     Text = "force_folder"
	TextForceRules      Text = "force_rules"
	TextForceNotHeld    Text = "force_not_held"
	TextForceNotSeen    Text = "force_not_seen"
	TextForceUnreadable Text = "force_unreadable"
	TextForceChanged    Text = "force_changed"
)
