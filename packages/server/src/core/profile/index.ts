/**
 * Owns what a user shows: name, tag (username with discriminator), text about themselves, pictures, birth date, and the
 * small switches Fluxer's clients keep. The tag is a thing to show, never an identifier to sign in with.
 */
export { cleanDisplayName, refusedDisplayName, shownName } from './display-name.ts';
export { profileMigrations } from './migrations.ts';
export { MAX_PICTURE_BYTES, type Picture, readPicture } from './picture.ts';
export { findPicture, type PictureKind } from './picture-store.ts';
export {
  accountName,
  findProfile,
  insertProfile,
  PROFILE_COLUMNS,
  type Profile,
  type ProfileRow,
  profileFrom,
} from './profile-store.ts';
export { createProfiles, type ProfileChange, type Profiles } from './profiles.ts';
export { claimTag } from './tag.ts';
export { deriveUsername, randomUsername } from './username.ts';
